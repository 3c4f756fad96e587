#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# --changes FILE where the program may write in the directory of FILE, as people use it, and does to it what it can;
# and files that are nearly all hole.
# drivers: embed lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

[ "$(id -u)" = 0 ] || skip_all "not root"

name=test-changes-$$
shared=$work/shared
others=$work/others
victim=$others/out.tar
mkdir "$shared" "$others"
chmod 777 "$shared"

# keep FILE SCRIPT: runs SCRIPT, which sees the directory at /work; what changes becomes FILE in it.
keep() {
    echo before >"$victim"
    sandbox -n "$name" --overlay -m "host-bind:/work=$shared" --changes "$shared/$1" -- \
        sh -c "echo 'line of the program' >/usr/evil; $2"
}

check_untouched() {
    check_equal "$1: what the program named is as it was" "before out.tar" "$(cat "$victim") $(ls -A "$others")"
    check_equal "$1: nothing else is left" "$2" "$(cd "$shared" && find . -mindepth 1 | sort | xargs)"
    chmod -R u+rwX "$shared"
    find "$shared" -mindepth 1 -delete
}

check_kept() {
    check_status "$1: the status is the program's" 0
    check "$1: it is a file of its own" test -f "$2" -a ! -L "$2"
    check "$1: with the changes" grep -qx usr/evil <(tar -tf "$2")
}

# --- FILE becomes something else --------------------------------------------------------------

keep out.tar "ln -s '$victim' /work/out.tar"
check_kept "FILE becomes a link" "$shared/out.tar"
check_untouched "FILE becomes a link" ./out.tar

keep out.tar 'mkdir /work/out.tar'
check_message "FILE becomes a directory" 125 "changes $shared/out.tar: Is a directory"
check_untouched "FILE becomes a directory" ./out.tar

if [ "$kind" = container ]; then
    keep out.tar 'mkfifo /work/out.tar'
    check_kept "FILE becomes a pipe" "$shared/out.tar"
    check_untouched "FILE becomes a pipe" ./out.tar
fi

# --- and its directory ------------------------------------------------------------------------

mkdir "$shared/sub"
keep sub/out.tar "mv /work/sub /work/old; ln -s '$others' /work/sub"
check_message "its directory becomes a link" 125 "changes $shared/sub/out.tar: its directory was .*replaced"
check_untouched "its directory becomes a link" "./old ./sub"

if [ "$kind" = container ]; then
    mkdir "$shared/sub"
    keep sub/out.tar "rmdir /work/sub; ln -s '$others' /work/sub"
    check_message "its directory is removed" 125 "changes $shared/sub/out.tar: No such file"
    check_untouched "its directory is removed" "./sub"

    mkdir -p "$shared/above/sub"
    keep above/sub/out.tar "mv /work/above /work/old; ln -s '$work' /work/above; ln -s others /work/sub"
    check_message "what is above becomes a link" 125 "changes $shared/above/sub/out.tar: its directory was"
    check_untouched "what is above becomes a link" "./above ./old ./old/sub ./sub"
fi

# --- links that are there before --------------------------------------------------------------

ln -s "$victim" "$shared/out.tar"
keep out.tar :
check_message "FILE that is a link is refused" 125 "changes $shared/out.tar: there is a symbolic link"
check_untouched "FILE that is a link" ./out.tar
mkdir "$shared/sub"
ln -s sub "$shared/link"
if [ "$kind" = container ]; then
    keep link/out.tar :
    check_kept "a directory may be named by a link" "$shared/sub/out.tar"
    check_untouched "a directory named by a link" "./link ./sub ./sub/out.tar"
fi

# --- large and empty --------------------------------------------------------------------------

began=$SECONDS
sandbox -n "$name" --overlay -p --changes "$work/holes.tar" -- \
    sh -c 'for i in 1 2 3; do truncate -s 1T /usr/hole$i; done; echo x | dd of=/usr/hole2 bs=1 seek=500G conv=notrunc status=none'
check_status "files of 1 TiB, all hole but a byte" 0
check_stderr "are written without a message" ""
check "quickly" test $((SECONDS - began)) -lt 60
check_equal "as holes" "1099511627776 1099511627776 1099511627776" \
    "$(tar -tvf "$work/holes.tar" | awk '/hole/ { print $3 }' | xargs)"
check "in a small tar" test "$(stat -c %s "$work/holes.tar")" -lt 100000
tar -C "$work" -xf "$work/holes.tar" usr/hole2
check_equal "with the byte" x "$(dd if="$work/usr/hole2" bs=1 skip=500G count=1 status=none)"
check_equal "where it belongs" 8 "$(($(stat -c %b "$work/usr/hole2") <= 8 ? 8 : 0))"
rm -f "$work/holes.tar"
sandbox -n "$name" --overlay -p --changes "$work/holes.tar" -- truncate -s $(((1 << 40) + 1)) /usr/hole
check_message "one that is larger is refused" 125 "/usr/hole: File too large"
check "and leaves no file" test ! -e "$work/holes.tar"

done_testing
