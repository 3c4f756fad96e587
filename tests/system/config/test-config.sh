#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Saved descriptions and the domain's XML.
# drivers: embed lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

name=test-config-$$
odd=$'a=b;c\\d "e" \'f\' # g\ttab grüße'

# --- save, load, save again -------------------------------------------------------------------

sandbox -n "$name" -C /usr/share -e "ODD=$odd" -e EMPTY= --memory 256MiB --cpus 1 \
    --save "$work/saved" -- sh -c 'printf "%s|%s|" "$ODD" "$EMPTY"; pwd; exit 7'
check_status "--save ends with 0" 0
check_stdout "--save runs nothing" ""
check "--save writes the file" test -s "$work/saved"
check_nothing_left "--save starts nothing" "$name"
# What depends on where and by whom it is run is left open.
(cd /usr/share && sandbox --timeout 60.5 --save "$work/open" -- pwd && sandbox --config "$work/open" &&
    cp "$stdout" "$work/open.out")
check_equal "what nobody asked for is not saved" "" "$(grep -E '^(name|arch|workdir|uid|tty|debug)=' "$work/open")"
check "--timeout is saved" grep -qx 'timeout=60500' "$work/open"
check_equal "and it starts where it is run" /usr/share "$(cat "$work/open.out")"
sandbox --json-status-fd 3 --save "$work/open" -- true
check_message "what is no part of a description cannot be saved" 125 "--save and --json-status-fd"

for line in '\[api\]' 'class=GVirSandboxConfigInteractive' "name=$name" 'argv\.0=.*sh' \
    'argv\.1=-c'; do
    check "the file has $line" grep -qx "$line" "$work/saved"
done

sandbox --config "$work/saved"
check_status "--config runs what was saved" 7
check_stdout "with its environment and working directory" "$odd||/usr/share"
check_stderr "without a message" ""

sandbox --config "$work/saved" --save "$work/again"
check_status "--config and --save together" 0
check "what is saved again is the same to the byte" cmp "$work/saved" "$work/again"

sandbox --config "$work/saved" -- echo other
check_stdout "a program on the command line goes before the saved one" "other"

sandbox --config "$work/saved" -n "$name-other" --save "$work/other"
check_equal "an option goes before what was saved" "name=$name-other" \
    "$(grep '^name=' "$work/other")"

# --- a file of 0.8 ----------------------------------------------------------------------------

cat >"$work/old" <<'END'
[api]
class=GVirSandboxConfigInteractive
version=0.8.0

[core]
name=from-0.8
root=/
arch=x86_64
shell=false

[identity]
uid=65534
gid=65534
username=nobody
homedir=/nonexistent

[env.0]
key=GREETING
value=hello

[security]
dynamic=true

[interactive]
tty=false

[command]
argv.0=/bin/sh
argv.1=-c
argv.2=echo "$GREETING $(id -u) $HOME"; exit 8
END
sandbox --config "$work/old"
check_status "a description of 0.8 runs" 8
check_stdout "and means the same" "hello 65534 /nonexistent"

# What a later version wrote is run with what is known of it, and of two mounts on one target the later one covers.
mkdir "$work/first" "$work/second"
echo first >"$work/first/file"
echo second >"$work/second/file"
chmod -R a+rwX "$work/first" "$work/second"
sed 's/^version=.*/version=9.0/; s,^argv.2=.*,argv.2=cat /mnt/file,' "$work/old" >"$work/later"
cat >>"$work/later" <<END
[shiny]
new=1
[mount.0]
type=GVirSandboxConfigMountHostBind
target=/mnt
source=$work/first
[mount.1]
type=GVirSandboxConfigMountHostBind
target=/mnt
source=$work/second
END
sandbox --config "$work/later"
check_status "a description of a later version runs" 0
check_stdout "a later mount covers one on the same target" second
check_stderr "one line says what was not understood" \
    "virt-sandbox: $work/later: a later version wrote this file, and not understood was: [shiny]"
sandbox -m "host-bind:/mnt=$work/first" -m "host-bind:/mnt=$work/second" -- true
check_message "options that name one target twice are refused" 125 "there is a mount on /mnt already"

# --- mistakes ---------------------------------------------------------------------------------

# broken NAME REGEX SED: the description of 0.8 with one mistake.
broken() {
    sed "$3" "$work/old" >"$work/broken"
    sandbox --config "$work/broken"
    check_message "$1 is refused" 125 "$2"
}
broken "an unknown class" "NoSuchClass" 's/GVirSandboxConfigInteractive/NoSuchClass/'
broken "a uid that is no number" "uid" 's/^uid=.*/uid=many/'
broken "a uid that overflows" "uid" 's/^uid=.*/uid=99999999999/'
broken "an empty name" "name" 's/^name=.*/name=/'
broken "a missing command" "command|argv" '/^argv/d'
broken "a relative root" "root" 's,^root=/,root=here,'
broken "a boolean that is none" "shell" 's/^shell=.*/shell=perhaps/'
broken "a gap in the arguments" "argv" 's/^argv\.1=/argv.7=/'
broken "a group that is not closed" "broken" 's/^\[core\]/[core/'

# --- the domain's XML -------------------------------------------------------------------------

sandbox -n "$name" --print-xml -- true
check_status "--print-xml ends with 0" 0
check_stdout_matches "it prints the domain" "^<domain type=['\"](qemu|kvm|lxc)"
check_stdout_matches "with its name" "<name>$name</name>"
check_nothing_left "it starts nothing" "$name"
check "the root is not writable" grep -qE '<readonly */>' "$stdout"
if command -v xmllint >/dev/null; then
    cp "$stdout" "$work/domain.xml"
    run virt-xml-validate "$work/domain.xml"
    check_status "libvirt's schema accepts it" 0
else
    skip "libvirt's schema accepts it" "xmllint is not installed"
fi

done_testing
