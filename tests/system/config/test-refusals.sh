#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What cannot work is refused in one line, before anything is made.
# drivers: none

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

export XDG_RUNTIME_DIR=$work/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"
limit=60

things() {
    find "$state_directory" -name 'test-refused*' 2>/dev/null
    find "$XDG_RUNTIME_DIR" | sort
    host_process_of test-refused || :
}

# refused NAME REGEX OPTIONS…: status 125, one line that matches, nothing printed, nothing made.
refused() {
    local name=$1 pattern=$2
    local after
    shift 2
    run "$VIRT_SANDBOX" -n test-refused "$@"
    check_message "$name" 125 "$pattern"
    after=$(things)
    check_equal "$name: nothing was made" "$before" "$after"
    before=$after
}

before=$(things)

# --- connections ------------------------------------------------------------------------------

for remote in qemu+ssh://host.example/system qemu+tcp://host.example/system \
    qemu+tls://host.example/system qemu://host.example/system lxc+ssh://root@host.example/ \
    qemu+libssh2://host.example/session qemu+ext:///system?command=nc; do
    refused "the remote $remote is refused" "remote|local" -c "$remote" -- true
done
for unknown in xen:///system test:///default vbox:///session esx:/// bhyve:///system \
    no-such-driver:///; do
    refused "the driver of $unknown is refused" "${unknown%%:*}" -c "$unknown" -- true
done
for junk in nonsense "" "qemu" "://" "qemu:///no-such-path" "lxc:///no-such-path"; do
    refused "the connection \"$junk\" is refused" "." -c "$junk" -- true
done
LIBVIRT_DEFAULT_URI=qemu+ssh://host.example/system \
    refused "a remote LIBVIRT_DEFAULT_URI is refused" "host.example" -- true
refused "a libvirtd that is not there is said" "lxc\+unix:///" \
    -c "lxc+unix:///?socket=$work/nowhere" -- true

mkdir "$work/theirs"
chown 65532 "$work/theirs"

# --- the command line -------------------------------------------------------------------------

refused "no program" "COMMAND|command|program"
refused "no program after --" "COMMAND|command|program" --
refused "an unknown option" "--no-such-option" --no-such-option -- true
refused "an unknown short option" "-Z" -Z -- true
refused "an option without its value" "--memory" --memory
refused "-e without a name" "-e|env" -e =value -- true
refused "-e with nothing" "-e|env" -e "" -- true
refused "-C with nothing" "chdir" -C "" -- true
for size in 0 -1 abc 12Q 99999999999999999999 1.5.5G "" 1K 16EiB; do
    refused "--memory \"$size\"" "memory" "--memory=$size" -- true
done
for number in 0 -1 abc 1000000 99999999999999999999 "" 1.5; do
    refused "--cpus \"$number\"" "cpus" "--cpus=$number" -- true
done
refused "--virt-type of no kind" "xen" --virt-type xen -- true
refused "--kernver that is not installed" "0\.0\.0-none" --kernver 0.0.0-none -- true
refused "--kernpath that is missing" "/nonexistent/vmlinuz" --kernpath /nonexistent/vmlinuz -- true
refused "--kernpath that is no kernel" "/etc/passwd" --kernpath /etc/passwd -- true
refused "--kernpath that is a directory" "/usr" --kernpath /usr -- true
refused "--kmodpath that is missing" "/nonexistent/modules" --kmodpath /nonexistent/modules -- true
refused "--kmodpath without modules" "/usr/share" --kmodpath /usr/share -- true
refused "-S with an unknown user" "no-such-user" -S no-such-user -- true
refused "-S with nothing" "." -S "" -- true
refused "-p and -S together" "-p|privileged|switchto" -p -S nobody -- true
refused "-r that is missing" "/nonexistent/root" -r /nonexistent/root -- true
refused "-r that is a file" "/etc/passwd" -r /etc/passwd -- true
refused "-r that is relative and missing" "no such directory $PWD/some/root" -r some/root -- true
refused "-m with a relative source that is missing" "$PWD/some/dir: No such" -m host-bind:/mnt=some/dir -- true
refused "-N of no kind names the kinds" "user, dhcp, source=" -N host -- true
refused "--share of all" "all of the host" --share=/ -- true
refused "--share of the home directory" "home directory" --share="$HOME" -- true
refused "--share of another's directory" "belongs to" --share="$work/theirs" -- true
refused "--share that is missing" "$PWD/some: No such" --share=some/dir -- true
refused "--share= with nothing" "share" --share= -- true
refused "--overlay= with nothing" "overlay" --overlay= -- true
refused "--env-file that is missing" "/nonexistent/env" --env-file /nonexistent/env -- true
refused "more memory than there is" "MiB of this host" --memory 1000T -- true
for words in "-it /bin/sh" "-v /src:/dst /bin/sh" "-p 80:80 /bin/sh" "--net=host /bin/sh" "--volume=/a:/b /bin/sh"; do
    # shellcheck disable=SC2086
    refused "podman's $words is answered" "--(include|mount|privileged|network)" $words
done

# Who a user is, a root says that may be anybody's.
foreign=$work/foreign
mkdir -p "$foreign/etc"
passwd=$foreign/etc/passwd
refused "-S in a root without users" "foreign/etc/passwd: No such file" -r "$foreign" -S bob -- true
truncate -s 1T "$passwd"
limit=10 refused "-S where the file of users is endless" "etc/passwd: longer than 16 MiB" \
    -r "$foreign" -S bob -- true
rm "$passwd"
mkfifo "$passwd"
# shellcheck disable=SC2094 # a pipe that stays open
sleep 30 >"$passwd" <>"$passwd" &
writer=$!
limit=10 refused "-S where a FIFO is in its place" "etc/passwd: not a regular file" -r "$foreign" -S bob -- true
kill "$writer"
rm "$passwd"
ln -s ../../../../../../../dev/zero "$passwd"
refused "-S where a link leads out of the root" "etc/passwd: No such file" -r "$foreign" -S bob -- true
rm "$passwd"
if mknod "$passwd" c 1 5 2>/dev/null; then
    limit=10 refused "-S where a device is in its place" "etc/passwd: not a regular file" \
        -r "$foreign" -S bob -- true
    rm "$passwd"
else
    skip "-S where a device is in its place" "no devices can be made here"
fi
mkdir "$passwd"
refused "-S where a directory is in its place" "etc/passwd: not a regular file" -r "$foreign" -S bob -- true
rmdir "$passwd"
: >"$passwd"
refused "-S where the file of users is empty" "no such user in .*foreign" -r "$foreign" -S bob -- true

# --- what a terminal would obey ---------------------------------------------------------------

# harmless OPTIONS…: the one line has nothing but text, and all that was wrong is still to be seen.
harmless() {
    run "$VIRT_SANDBOX" -n test-refused "$@"
    check_message "${1%%$'\033'*}: the message" 125 '\\(x1b|u001b|033)\[31m'
    check_equal "${1%%$'\033'*}: no byte that a terminal obeys" "" \
        "$(tr -d '\n' <"$stderr" | LC_ALL=C grep -oP '[\x00-\x1f\x7f]|\xc2[\x80-\x9f]|(?<![\x80-\xff])[\x80-\xbf]' | head -n 1 | cat -v)"
}

obeyed=$'x\033[31m\a\177\302\233y\233z'
for option in --connect= --root= --root=/ --chdir=/../ --memory= --cpus= --timeout= --mount= --mount=ram:/x= \
    --mount=host-bind:/x=/nowhere/ --mount=host-image:/x=/nowhere/ --disk= --disk=file:x=/nowhere/ \
    --include= --include=/nowhere/ --includefile=/nowhere/ --network= --network=address= --network=source= \
    --security= --security=static,label= --switchto= --virt-type= --kernver= --kernpath= --kernpath=/nowhere/ \
    --kmodpath=/nowhere/ --qemu-user= --config=/nowhere/ --json-status-fd= --overlay=/nowhere/ --hide=/../ \
    --no-such-option; do
    harmless "$option$obeyed" -- true
done
run "$VIRT_SANDBOX" --validate --kernpath "/nowhere/$obeyed"
check "--validate says nothing that a terminal obeys" \
    eval '! tr -d "\n" <"$stdout" | LC_ALL=C grep -qP "[\x00-\x1f\x7f]"'
check "and the message of the status is the same" test -s "$stdout"
run "$VIRT_SANDBOX" -n test-refused --save "/nowhere/$obeyed" -- true
check_message "--save: the message" 125 '\\x1b\[31m'

# --- saved descriptions -----------------------------------------------------------------------

refused "--config that is missing" "/nonexistent/config" --config /nonexistent/config
refused "--config that is a directory" "$work" --config "$work"
: >"$work/empty"
refused "--config that is empty" "empty" --config "$work/empty"
head -c 4096 /dev/urandom >"$work/binary"
refused "--config that is binary" "binary" --config "$work/binary"
printf '[api]\nclass=GObject\nversion=0.8.0\n' >"$work/class"
refused "--config with a class that is none of ours" "GObject" --config "$work/class"
refused "--save where there is no directory" "/nonexistent/saved" --save /nonexistent/saved -- true

# --- what is no refusal -----------------------------------------------------------------------

run "$VIRT_SANDBOX" --help
check_status "--help ends with 0" 0
check_stdout_matches "--help names the options" "--connect"
run "$VIRT_SANDBOX" -h
check_status "-h ends with 0" 0
run "$VIRT_SANDBOX" --version
check_status "--version ends with 0" 0
check_stdout_matches "--version says it" "^virt-sandbox .*[0-9]+\.[0-9]+\.[0-9]+"
run "$VIRT_SANDBOX" -V
check_status "-V ends with 0" 0

done_testing
