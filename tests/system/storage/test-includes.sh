#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Copies of host files in temporary mounts.
# drivers: embed lxc embed-user
# seconds: 1500

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

name=test-includes-$$
tree=$work/tree
mkdir -p "$tree/sub/deep" "$tree/empty"
echo one >"$tree/one"
echo two >"$tree/sub/two"
echo three >"$tree/sub/deep/three"
chmod 640 "$tree/one"
chmod 755 "$tree/sub/two"
chmod 400 "$tree/sub/deep/three"
chmod 750 "$tree/sub"
touch -d '2001-02-03 04:05:06 UTC' "$tree/one"
ln -s sub/two "$tree/link"
ln -s /nowhere/at/all "$tree/dangling"
printf 'odd\n' >"$tree/$(printf 'a\n\001\377\\ b')"
truncate -s 64M "$tree/sparse"
printf end | dd of="$tree/sparse" bs=1 seek=$((50 * 1024 * 1024)) conv=notrunc status=none
: >"$tree/nothing"
expected=$(cd "$tree" && find . -type f ! -name sparse -print0 | sort -z | xargs -0 sha256sum)

probe='
    echo "one=$(cat one)"
    echo "modes=$(stat -c %a one sub/two sub/deep/three sub | xargs)"
    echo "time=$(stat -c %Y one)"
    echo "link=$(readlink link)"
    echo "dangling=$(readlink dangling)"
    echo "owner=$(test -O one && test -O sub && echo mine)"
    echo "sparse=$(stat -c %s sparse) $(($(stat -c %b sparse) < 4096))"
    echo "end=$(tail -c +$((50 * 1024 * 1024 + 1)) sparse | head -c 3)"
    echo "empty=$(ls -A empty | wc -l)"
    find . -type f ! -name sparse -print0 | sort -z | xargs -0 sha256sum >&2
    echo changed >one && echo "written=yes"'

for mount in ram:/in=16M host-bind:/in=; do
    sandbox -m "$mount" -i "/in/tree=$tree" -- sh -c "cd /in/tree && $probe"
    check_status "$mount: a tree is included" 0
    check_value "$mount: files" one one
    check_value "$mount: modes" modes "640 755 400 750"
    check_value "$mount: times" time "$(stat -c %Y "$tree/one")"
    check_value "$mount: links" link sub/two
    check_value "$mount: links to nowhere" dangling /nowhere/at/all
    check_value "$mount: the program owns them" owner mine
    [[ $mount != ram* ]] || check_value "$mount: holes stay holes" sparse "67108864 1"
    check_value "$mount: and data between them data" end end
    check_value "$mount: empty directories" empty 0
    check_value "$mount: the copy can be changed" written yes
    check_stderr "$mount: all the same bytes" "$expected"
    check_equal "$mount: the original is as it was" one "$(cat "$tree/one")"
done

# Where they go does not depend on who does it.
if [ "$DRIVER" = embed-user ]; then
    done_testing
    exit
fi

# --- where things go -------------------------------------------------------------------------

printf '%s\n' "/in/listed=$tree/one" "" "/in/a/b/c=$tree/sub/two" >"$work/list"
cp -r "$tree/sub" "$work/covered"
sandbox -m ram:/in=1M,ro -m ram:/in/nested=1M -m "ram:$work/covered=1M" -I "$work/list" \
    -i "/in=$tree/sub" -i "/in/nested/one=$tree/one" -i "$work/covered/two" -i "/in/followed=$tree/link" -- sh -c '
    cd /in
    cat listed a/b/c two deep/three nested/one followed
    touch new 2>/dev/null || echo ro
    touch nested/new && echo rw
    ls -A "$1"' sh "$work/covered"
check_status "files are included by a list" 0
check_stdout "each where it was asked for" $'one\ntwo\ntwo\nthree\none\ntwo\nro\nrw\ntwo'

# --- refusals --------------------------------------------------------------------------------

sandbox -m ram:/in=1M -i "/out/one=$tree/one" -- true
check_message "one that no mount covers" 125 "no mount covers /out/one"
sandbox -m ram:/in=1M -m "host-bind:/in/bind=$work/tree" -i "/in/bind/x=$tree/one" -- true
check_message "one in a mount that is not temporary" 125 "/in/bind is not temporary"
sandbox -m ram:/in=1M -i "/in/x=$work/missing" -- true
check_message "one that is missing" 125 "$work/missing: No such file"
sandbox -m ram:/in=1M -i "/in=$tree/one" -- true
check_message "a file in place of the mount" 125 "not a directory"
sandbox -m ram:/in=1M -i "/in/x=/dev/null" -- true
check_message "a device" 125 "/dev/null: neither a file"
head -c 3M /dev/urandom >"$work/large"
sandbox -n "$name" -m ram:/in=1M -i "/in/x=$work/large" -- true
check_message "one for which there is no room" 125 "/in/x: No space left"
check_nothing_left "nothing of it is left" "$name"
check_equal "nor of the copy" "" "$(find /var/tmp -maxdepth 1 -name "libvirt-sandbox-$name-*")"

# --- saved -----------------------------------------------------------------------------------

run "$VIRT_SANDBOX" --save "$work/saved" -m ram:/in=1M -i "/in/one=$tree/one" -- cat /in/one
check_status "includes are saved" 0
check "as the format says" grep -qx '\[mount.0.include.0\]' "$work/saved"
sandbox --config "$work/saved"
check_stdout "and loaded" one

done_testing
