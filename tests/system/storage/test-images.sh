#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# File systems in images of the host.
# drivers: embed lxc
# seconds: 1500

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

name=test-images-$$
chmod 777 "$work"

for tool in mkfs.ext4 mkfs.xfs mkfs.btrfs mkfs.vfat mksquashfs genisoimage qemu-img debugfs mcopy; do
    PATH=$PATH:/sbin:/usr/sbin command -v "$tool" >/dev/null || skip_all "$tool is not installed"
done
PATH=$PATH:/sbin:/usr/sbin

mkdir "$work/content"
echo content >"$work/content/file"

# image TYPE FILE: a file system with the file "file" in it, which anybody may write.
image() {
    local type=$1 file=$2
    rm -f "$file"
    case $type in
        ext4) truncate -s 32M "$file" && mkfs.ext4 -q -E root_owner="$(id -u):$(id -g)" -d "$work/content" "$file" ;;
        xfs) truncate -s 320M "$file" && mkfs.xfs -q -p "$work/proto" "$file" ;;
        btrfs) truncate -s 128M "$file" && mkfs.btrfs -q -r "$work/content" "$file" ;;
        vfat) truncate -s 40M "$file" && mkfs.vfat "$file" && mcopy -i "$file" "$work/content/file" ::file ;;
        squashfs) mksquashfs "$work/content" "$file" -quiet -no-progress ;;
        iso9660) genisoimage -quiet -R -o "$file" "$work/content" ;;
    esac >/dev/null 2>"$work/mkfs.err" || flunk "an image of $type is made" "$(cat "$work/mkfs.err")"
    chmod 666 "$file"
}
cat >"$work/proto" <<END
/nothing
0 0
d--777 $(id -u) $(id -g)
file ---644 $(id -u) $(id -g) $work/content/file
\$
END

host_has() {
    [ "$kind" = machine ] || grep -qw "$1" /proc/filesystems
}

loops_of() {
    losetup -n -O BACK-FILE 2>/dev/null | grep -F "$work/"
}

# --- every type ------------------------------------------------------------------------------

options=() script='' types=()
for type in ext4 xfs btrfs vfat squashfs iso9660; do
    image "$type" "$work/$type.img"
    if ! host_has "$type"; then
        sandbox -m "host-image:/libvirt-sandbox-test=$work/$type.img,ro" -- true
        check_message "$type, which this host's kernel has not" 125 "has no $type file system"
        continue
    fi
    mode=rw
    case $type in squashfs | iso9660) mode=ro ;; esac
    options+=(-m "host-image:/libvirt-sandbox-test/$type=$work/$type.img,$mode")
    script+="cd /libvirt-sandbox-test/$type && echo $type=\$(cat file) \$(stat -f -c %T .); "
    [ "$mode" = ro ] ||
        script+="echo written >new && sync new && echo ${type}_new=yes; dd if=/dev/zero of=zeros bs=64k count=16 2>&1 | tail -n 0; "
    types+=("$type")
done
sandbox "${options[@]}" -- sh -c "$script"
check_status "images are mounted" 0
for type in "${types[@]}"; do
    check "$type is found by its content" grep -q "^$type=content " "$stdout"
    case $type in
        squashfs | iso9660) ;;
        *) check_value "$type can be written" "${type}_new" yes ;;
    esac
done
check_equal "what was written is in the image" written "$(debugfs -R 'cat /new' "$work/ext4.img" 2>/dev/null)"
check "which was ended cleanly" sh -c "dumpe2fs -h '$work/ext4.img' 2>/dev/null | grep -q '^Filesystem state: *clean'"
check "without anything to be replayed" sh -c "! dumpe2fs -h '$work/ext4.img' 2>/dev/null | grep -q needs_recovery"
if host_has vfat; then
    check_equal "also for vfat" written "$(mcopy -n -i "$work/vfat.img" ::new - 2>/dev/null)"
fi
check_equal "no loop device is left" "" "$(loops_of)"

# --- reading only ----------------------------------------------------------------------------

image ext4 "$work/read.img"
chmod 444 "$work/read.img"
sum=$(sha256sum <"$work/read.img")
reader=''
start reader -n "$name-reader" -m "host-image:/libvirt-sandbox-test=$work/read.img,ro" -- \
    sh -c 'echo up; sleep 1000'
check "an image is being read" wait_for_output reader up
sandbox -m "host-image:/libvirt-sandbox-test=$work/read.img,ro" -- \
    sh -c 'cat /libvirt-sandbox-test/file; touch /libvirt-sandbox-test/new'
check_stdout "two can read one" content
check "and none can write" grep -q 'Read-only file system' "$stderr"
if [ "$(id -u)" = 0 ]; then
    chmod 666 "$work/read.img"
    sandbox -m "host-image:/libvirt-sandbox-test=$work/read.img" -- true
    check_message "somebody who would write is refused meanwhile" 125 "another sandbox .* uses this image"
else
    sandbox -m "host-image:/libvirt-sandbox-test=$work/read.img" -- true
    check_message "what may not be written is refused" 125 "read.img: Permission denied"
fi
kill -KILL "$reader"
finish reader
wait_until 5 no_host_process_of "$name-reader"
check_equal "the image is as it was" "$sum" "$(sha256sum <"$work/read.img")"
no_loops() { [ -z "$(loops_of)" ]; }
check "after SIGKILL no loop device is left" wait_until 5 no_loops

# --- writing alone ---------------------------------------------------------------------------

image ext4 "$work/busy.img"
writer=''
start writer -n "$name-writer" -m "host-image:/libvirt-sandbox-test=$work/busy.img" -- \
    sh -c 'cd /libvirt-sandbox-test && echo kept >kept && sync kept && echo up; sleep 1000'
check "an image is being written" wait_for_output writer up
for mode in rw ro; do
    sandbox -n "$name" -m "host-image:/libvirt-sandbox-test=$work/busy.img,$mode" -- true
    check_message "another sandbox is refused ($mode)" 125 "busy.img: another sandbox"
done
check_nothing_left "before anything is made" "$name"
sandbox -m "host-image:/a=$work/ext4.img" -m "host-image:/b=$work/ext4.img,ro" -- true
check_message "the same image twice" 125 "ext4.img: it is used twice"
kill -KILL "$writer"
finish writer
wait_until 5 no_host_process_of "$name-writer"
check "after SIGKILL no loop device is left" wait_until 5 no_loops
check_equal "what was synced is in the image" kept "$(
    e2fsck -fp "$work/busy.img" >/dev/null 2>&1
    debugfs -R 'cat /kept' "$work/busy.img" 2>/dev/null
)"
sandbox -m "host-image:/libvirt-sandbox-test=$work/busy.img" -- cat /libvirt-sandbox-test/kept
check_stdout "which can be used again" kept

# --- formats ---------------------------------------------------------------------------------

image ext4 "$work/plain.img"
for format in qcow2 vmdk vdi; do
    qemu-img convert -q -O "$format" "$work/plain.img" "$work/image.$format"
    chmod 666 "$work/image.$format"
    sandbox -m "host-image:/libvirt-sandbox-test=$work/image.$format" -- \
        sh -c 'cat /libvirt-sandbox-test/file && echo new >/libvirt-sandbox-test/new'
    if [ "$kind" = container ]; then
        check_message "a $format image in a container" 125 "raw images only.* $format image"
        continue
    fi
    check_stdout "a $format image is found by its content" content
    qemu-img convert -q -O raw "$work/image.$format" "$work/back.img"
    check_equal "and written ($format)" new "$(debugfs -R 'cat /new' "$work/back.img" 2>/dev/null)"
done

if [ "$kind" = container ] && qemu-storage-daemon --help 2>/dev/null | grep -q fuse && [ -e /dev/fuse ]; then
    qemu-img convert -q -O qcow2 "$work/plain.img" "$work/export.qcow2"
    touch "$work/exported"
    qemu-storage-daemon --blockdev "qcow2,node-name=disk,file.driver=file,file.filename=$work/export.qcow2" \
        --export "fuse,id=export,node-name=disk,mountpoint=$work/exported,writable=on" 2>"$work/export.err" &
    exporter=$!
    wait_until 10 test -s "$work/exported"
    sandbox -m "host-image:/libvirt-sandbox-test=$work/exported,format=raw" -- \
        sh -c 'cat /libvirt-sandbox-test/file && echo new >/libvirt-sandbox-test/new'
    check_stdout "a qcow2 image that QEMU exports as raw can be used" content
    kill "$exporter"
    wait "$exporter"
    qemu-img convert -q -O raw "$work/export.qcow2" "$work/back.img"
    check_equal "and what was written is in it" new "$(debugfs -R 'cat /new' "$work/back.img" 2>/dev/null)"
elif [ "$kind" = container ]; then
    skip "a qcow2 image that QEMU exports as raw can be used" "no qemu-storage-daemon with FUSE"
fi

# A guest can write whatever it likes to a raw disk: the header of an image, too, that has the host
# open a file of its choice.
echo "top of it" >"$work/secret"
qemu-img create -q -f qcow2 -F raw -b "$work/secret" "$work/header.qcow2"
sandbox --disk "file:disk=$work/target.img,format=raw" -- true
check_message "a disk that is not there" 125 "target.img: No such file"
truncate -s 8M "$work/target.img"
chmod 666 "$work/target.img"
sandbox --disk "file:disk=$work/target.img" -- dd of=/dev/disk/by-tag/disk conv=fsync status=none \
    <"$work/header.qcow2"
check_status "a guest writes a header to its raw disk" 0
check "which is on the host" cmp -s -n 512 "$work/header.qcow2" "$work/target.img"
sandbox --disk "file:disk=$work/target.img" -- head -c 4096 /dev/disk/by-tag/disk
check_message "it does not pose as what it is not" 125 "target.img holds a qcow2 image.*format=raw"
sandbox -m "host-image:/x=$work/target.img" -- true
check_message "nor as an image to be mounted" 125 "target.img holds a qcow2 image.*format=raw"
cp "$work/target.img" "$work/target.qcow2"
sandbox --disk "file:disk=$work/target.qcow2" -- head -c 4096 /dev/disk/by-tag/disk
check_message "also where its name says so" 125 "target.qcow2 is a qcow2 image that has the host open.*format=qcow2"
sandbox --disk "file:disk=$work/target.img,format=raw" -- head -c 4096 /dev/disk/by-tag/disk
check_status "as raw it can be used" 0
check "and is what the guest wrote" cmp -s <(head -c 4096 "$work/target.img") "$stdout"
check "and no other file" sh -c "! grep -qa 'top of it' '$stdout'"

# --- refusals --------------------------------------------------------------------------------

truncate -s 1M "$work/blank.img"
chmod 666 "$work/blank.img"
sandbox -m "host-image:/libvirt-sandbox-test=$work/blank.img" -- true
check_message "an image without a file system" 125 "blank.img: it holds no file system"
sandbox -m "host-image:/libvirt-sandbox-test=$work/nowhere.img" -- true
check_message "an image that is missing" 125 "nowhere.img: No such file"
sandbox -m "host-image:/libvirt-sandbox-test=$work" -- true
check_message "a directory" 125 "it is not a file"
head -c 2048 "$work/plain.img" >"$work/cut.img"
chmod 666 "$work/cut.img"
sandbox -m "host-image:/libvirt-sandbox-test=$work/cut.img" -- true
check_message "one that is cut off" 125 "libvirt-sandbox-test.*ext4 file system"
if [ "$DRIVER" = embed ]; then
    image ext4 "$work/closed.img"
    chmod 600 "$work/closed.img"
    sandbox -m "host-image:/libvirt-sandbox-test=$work/closed.img" -- true
    check_message "one that QEMU's user cannot open" 125 "closed.img: QEMU runs as.*--qemu-user"
    sandbox --qemu-user root -m "host-image:/libvirt-sandbox-test=$work/closed.img" -- \
        cat /libvirt-sandbox-test/file
    check_stdout "but another can" content
fi
check_equal "no loop device is left after all" "" "$(loops_of)"

# --- what the program puts at a mount's path ------------------------------------------------------

if [ "$(id -u)" = 0 ]; then
    image ext4 "$work/moved.img"
    sandbox --overlay --timeout 60 -m "host-image:/libvirt-sandbox-test/image=$work/moved.img" -- sh -c '
        cd / && mv libvirt-sandbox-test moved && mkdir libvirt-sandbox-test && mkfifo libvirt-sandbox-test/image &&
            echo late >moved/image/late && exit 7'
    check_status "a program that moves what a mount is in, and leaves a pipe there, ends" 7
    check_equal "and what it wrote is in the image" late "$(debugfs -R 'cat late' "$work/moved.img" 2>/dev/null)"
    check_equal "whose file system was unmounted" clean \
        "$(dumpe2fs -h "$work/moved.img" 2>/dev/null | sed -n 's/^Filesystem state: *//p')"
fi

done_testing
