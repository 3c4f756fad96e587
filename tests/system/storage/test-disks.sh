#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Disks by tag.
# drivers: embed lxc
# seconds: 1500

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

PATH=$PATH:/sbin:/usr/sbin
chmod 777 "$work"

disk() {
    truncate -s "$2" "$1"
    chmod 666 "$1"
}

# --- reading and writing ---------------------------------------------------------------------

disk "$work/one.img" 8M
disk "$work/two.img" 4M
printf 'from the host' | dd of="$work/two.img" conv=notrunc status=none
sandbox --disk "file:one=$work/one.img" --disk "file:a tag\,with.signs=$work/two.img" -- sh -c '
    cd /dev/disk/by-tag
    ls
    head -c 13 a*; echo
    printf "from inside" | dd of=one bs=1 seek=1000000 status=none
    python3 -c "import os; print(os.lseek(os.open(\"one\", 0), 0, 2))"' </dev/null
check_status "disks are there by their tags" 0
check_stdout "with their content and size" $'a tag,with.signs\none\nfrom the host\n8388608'
check_equal "what was written is on the host" "from inside" \
    "$(dd if="$work/one.img" bs=1 skip=1000000 count=11 status=none)"

# A database on the raw device: records with a checksum, each one synced before it is reported.
cat >"$work/database" <<'END'
import hashlib, os, sys
size, device = 4096, os.open("/dev/disk/by-tag/" + sys.argv[1], os.O_RDWR)
def record(number):
    body = ("record %d " % number).encode() * 100
    return (hashlib.sha256(body).digest() + body)[:size].ljust(size, b"\0")
for number in range(64):
    os.pwrite(device, record(number), number * size)
    os.fsync(device)
    print("stored", number, flush=True)
bad = [number for number in range(64) if os.pread(device, size, number * size) != record(number)]
print("bad", bad, flush=True)
import time; time.sleep(1000)
END
cat >"$work/verify" <<'END'
import hashlib, sys
for number in range(64):
    body = ("record %d " % number).encode() * 100
    sys.stdout.buffer.write((hashlib.sha256(body).digest() + body)[:4096].ljust(4096, b"\0"))
END
python3 "$work/verify" >"$work/expected-records"
killed=''
disk "$work/killed.img" 4M
start killed --disk "file:db=$work/killed.img" -- python3 -c "$(cat "$work/database")" db
wait_for_output killed "^bad"
kill -KILL "$killed"
finish killed
lets_go() { python3 -c '
import fcntl, struct, sys
f = open(sys.argv[1], "r+b")
fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)' "$work/killed.img"; }
wait_until 5 lets_go
check_equal "a database uses the raw device, and reads what it wrote" "bad []" "$(tail -n 1 "$stdout")"
check "what was reported as stored survives SIGKILL" cmp -s -n 262144 "$work/expected-records" "$work/killed.img"

# --- file systems ----------------------------------------------------------------------------

if command -v mkfs.ext4 >/dev/null; then
    disk "$work/fs.img" 32M
    sandbox -p --disk "file:fs=$work/fs.img" -- sh -c '
        PATH=$PATH:/sbin:/usr/sbin
        mkfs.ext4 -q /dev/disk/by-tag/fs && echo made
        mount /dev/disk/by-tag/fs /mnt 2>/dev/null && echo hello >/mnt/file && echo mounted'
    if [ "$kind" = machine ]; then
        check_stdout "a file system is made and mounted" $'made\nmounted'
        e2fsck -fp "$work/fs.img" >/dev/null 2>&1
        check_equal "and on the disk, though it was not unmounted" hello \
            "$(debugfs -R 'cat /file' "$work/fs.img" 2>/dev/null)"
    else
        check_stdout "a file system is made, but the container's kernel is the host's to mount" made
        check "and on the disk" e2fsck -fn "$work/fs.img"
    fi
else
    skip "a file system is made" "mkfs.ext4 is not installed"
fi

# --- many ------------------------------------------------------------------------------------

options=() expected=''
for number in {01..40}; do
    disk "$work/many$number.img" 1M
    printf '%s' "disk $number" | dd of="$work/many$number.img" conv=notrunc status=none
    options+=(--disk "file:tag$number=$work/many$number.img")
    expected+="tag$number disk $number"$'\n'
done
sandbox "${options[@]}" -- sh -c 'cd /dev/disk/by-tag && for tag in *; do echo "$tag $(head -c 7 $tag)"; done'
check_status "forty disks" 0
check_stdout "each is the one of its tag" "${expected%$'\n'}"

# --- formats and block devices ---------------------------------------------------------------

if [ "$kind" = machine ]; then
    qemu-img create -q -f qcow2 "$work/disk.qcow2" 64M
    chmod 666 "$work/disk.qcow2"
    sandbox --disk "file:disk=$work/disk.qcow2" -- sh -c '
        echo stored | dd of=/dev/disk/by-tag/disk seek=100000 status=none
        python3 -c "import os; print(os.lseek(os.open(\"/dev/disk/by-tag/disk\", 0), 0, 2))"' </dev/null
    check_stdout "a qcow2 disk has the size that it says" 67108864
    qemu-img convert -q -O raw "$work/disk.qcow2" "$work/disk.raw"
    check_equal "and what was written to it" stored \
        "$(dd if="$work/disk.raw" skip=100000 count=1 status=none | tr -d '\0')"
    check "it is whole" qemu-img check -q "$work/disk.qcow2"
fi
loop=
[ "$(id -u)" != 0 ] || loop=$(losetup -f --show "$work/one.img" 2>/dev/null)
if [ -n "$loop" ]; then
    user=()
    if [ "$DRIVER" = embed ]; then
        sandbox --disk "block:dev=$loop" -- true
        check_message "a device that QEMU's user cannot open" 125 "$loop: QEMU runs as.*--qemu-user"
        user=(--qemu-user root)
    fi
    sandbox "${user[@]}" --disk "block:dev=$loop" -- \
        sh -c 'dd if=/dev/disk/by-tag/dev bs=1 skip=1000000 count=11 status=none'
    check_equal "a block device" "from inside" "$(cat "$stdout")"
    sandbox --disk "file:dev=$loop" -- true
    check_message "a device in place of a file" 125 "it is a block device; use block:"
    losetup -d "$loop"
else
    skip "a block device" "no loop device for us"
fi

# --- a disk is no device of its own -----------------------------------------------------------

# What it would need is to keep the device, and to have the host look for partitions in it.
cat >"$work/keeper.py" <<'END'
import errno, fcntl, os
disk = os.open("/dev/disk/by-tag/disk", os.O_RDWR)
def ask(name, request, argument=bytearray(232)):
    try:
        fcntl.ioctl(disk, request, argument)
        print(name, "done")
    except OSError as error:
        print(name, errno.errorcode[error.errno])
status = bytearray(232)
try:
    fcntl.ioctl(disk, 0x4C05, status)
except OSError:
    pass
status[52:56] = (8).to_bytes(4, "little")
# This one lets it go by itself again, so it is the first.
ask("clear", 0x4C01, 0)
ask("size", 0x4C07, 0)
ask("status", 0x4C04, status)
ask("partitions", 0x125F, 0)
END
# shellcheck disable=SC2143 # the whole answer is read, so that losetup is not cut off
no_device() { [ -z "$(losetup -n -O BACK-FILE 2>/dev/null | grep -F "$work/keep.img")" ]; }
if [ "$kind" = container ]; then
    disk "$work/keep.img" 4M
    # One partition.
    printf '\0\0\0\0\203\0\0\0\0\10\0\0\0\10\0\0' | dd of="$work/keep.img" bs=1 seek=446 conv=notrunc status=none
    printf '\125\252' | dd of="$work/keep.img" bs=1 seek=510 conv=notrunc status=none
    for options in "-S nobody" "-p"; do
        # shellcheck disable=SC2086
        sandbox $options --disk "file:disk=$work/keep.img,format=raw" -- /usr/bin/python3 - <"$work/keeper.py"
        check_stdout "$options: a program cannot ask for it" \
            $'clear EPERM\nsize EPERM\nstatus EPERM\npartitions EPERM'
        check "$options: no device is left" wait_until 5 no_device
    done
    sandbox -s seccomp=off --disk "file:disk=$work/keep.img,format=raw" -- /usr/bin/python3 - <"$work/keeper.py"
    check "without a filter a program can" grep -qx "status done" "$stdout"
    check "and no device is left of that" wait_until 5 no_device
    losetup -n -O NAME,BACK-FILE | grep -F "$work/keep.img" | cut -d' ' -f1 | xargs -r losetup -d
fi

# --- refusals --------------------------------------------------------------------------------

sandbox --disk "file:a/b=$work/one.img" -- true
check_message "a tag with a slash" 125 "a/b.*slash"
sandbox --disk "file:=$work/one.img" -- true
check_message "an empty tag" 125 "tag: must not be empty"
sandbox --disk "file:x=$work/one.img" --disk "file:x=$work/two.img" -- true
check_message "a tag that is used twice" 125 "there is a disk x already"
sandbox --disk "file:x=$work/one.img" --disk "file:y=$work/one.img" -- true
check_message "a disk that is used twice" 125 "one.img: it is used twice"
sandbox --disk "file:x=$work/nowhere.img" -- true
check_message "a disk that is missing" 125 "nowhere.img: No such file"
sandbox --disk "block:x=$work/one.img" -- true
check_message "a file in place of a device" 125 "not a block device"
sandbox --disk "tape:x=$work/one.img" -- true
check_message "a type that is none" 125 "neither file nor block"
check_equal "no loop device is left" "" "$(losetup -n -O BACK-FILE 2>/dev/null | grep -F "$work/")"

done_testing
