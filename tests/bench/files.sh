# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# The root file system of a machine against the same files by 9p as the kernel and QEMU have it when nobody
# says otherwise: both in one boot, ours first, when nothing of QEMU or the guest is warm yet.
#
# shellcheck disable=SC2154

# Where the guest's root shows it: not in a directory that is the guest's own. Removed at the end.
files=$build/bench-files

make_files() {
    local directory
    rm -rf "$files"
    mkdir -p "$files"/{many,small} || return 1
    for directory in {1..80}; do
        mkdir "$files/many/$directory" && touch "$files/many/$directory/"{1..100} || return 1
    done
    for directory in {1..30}; do
        mkdir "$files/small/$directory" && head -c 200K /dev/urandom |
            split -a 3 -b 2K - "$files/small/$directory/" || return 1
    done
    head -c 256M /dev/urandom >"$files/large" || return 1
    # QEMU, which can be somebody else, must be able to write what is given to be written.
    chmod -R u+rwX,go+rX "$files" && chmod 777 "$files"
}

# Prints NAME MICROSECONDS for each; from where the files are first in the root, then the mount.
# shellcheck disable=SC2016
in_guest='
set -o pipefail
measure() {
    local name=$1 start=${EPOCHREALTIME/./}
    shift
    "$@" || exit 1
    echo "$name $((${EPOCHREALTIME/./} - start))"
}
find_all() { [ "$(find "$1/many" -size 0 -type f | wc -l)" = 8000 ]; }
tar_all() { tar -C "$1/small" -c . | { [ "$(wc -c)" -gt 6000000 ]; }; }
read_large() { [ "$(cat "$1/large" | wc -c)" = 268435456 ]; }
all() {
    measure "$1-find" find_all "$2"
    measure "$1-tar" tar_all "$2"
    measure "$1-read" read_large "$2"
}
all ours "$1"
tag=$(awk "\$2 == \"/mnt\" && \$3 == \"9p\" { print \$1 }" /proc/mounts)
umount /mnt && mount -t 9p -o trans=virtio,version=9p2000.L "$tag" /mnt || exit 1
all peer /mnt
'

sample_files() {
    local name value
    quietly "${sandbox[@]}" -p -m "host-bind:/mnt=$files" -- bash -c "$in_guest" bash "$files" || return 1
    while read -r name value; do
        sample "$name" "$(awk -v us="$value" 'BEGIN { printf "%.3f", us / 1e6 }')"
    done <"$scratch/output"
    [ "$(wc -l <"$scratch/output")" = 6 ]
}

row_machine_files() {
    if [[ $files = /@(tmp|var/tmp|run|dev)/* ]]; then
        skipped "a sandbox has its own $(dirname "$files")"
        return
    fi
    make_files && in_turn sample_files || return 1
    report files-find s 1.00 "find over 8000 files" ours-find "9p with its default options" peer-find
    report files-tar s 1.00 "tar of 3000 small files" ours-tar "9p with its default options" peer-tar
    report files-read s 1.00 "256 MiB of one file" ours-read "9p with its default options" peer-read
}
