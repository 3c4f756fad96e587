#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A host whose disk is full while a sandbox is made: one line says where, and nothing is left.
# drivers: embed

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"
PATH=$PATH:/sbin:/usr/sbin

name=test-full-disk-$$
cache=/var/cache/libvirt-sandbox

# on_full DIRECTORY SIZE: runs a sandbox where DIRECTORY has room for SIZE alone; $work/left lists what is
# in it afterwards.
on_full() {
    # shellcheck disable=SC2016
    run unshare --mount --propagation private sh -c '
        directory=$1 size=$2 left=$3
        shift 3
        mkdir -p "$directory" && mount -t tmpfs -o "size=$size,mode=755" small "$directory" || exit 99
        "$@"
        status=$?
        find "$directory" -mindepth 1 ! -type d >"$left"
        exit $status' sh "$1" "$2" "$work/left" "$VIRT_SANDBOX" -n "$name" -- true
}

if [ "$(id -u)" != 0 ]; then
    skip "a full disk" "needs root, to mount a small one"
    done_testing
    exit
fi

for size in 4k 16k 256k 1m; do
    on_full "$state_directory" "$size"
    check_message "room for $size of state" 125 "$state_directory/.*No space left"
    check_equal "no daemon is asked for" 0 "$(grep -c 'is libvirtd running' "$stderr")"
    check_equal "and nothing is left in it" "" "$(cat "$work/left")"
    check_nothing_left "nor elsewhere" "$name"
done

on_full "$cache" 3m
check_message "no room for a boot image" 125 "$cache/boot/.*No space left"
check_equal "and nothing of one is left" "" "$(grep "^$cache/boot/" "$work/left")"
check_nothing_left "nor elsewhere" "$name"

sandbox -n "$name" -- sh -c 'echo fine'
check_status "with room again it starts" 0
check_stdout "as ever" fine

done_testing
