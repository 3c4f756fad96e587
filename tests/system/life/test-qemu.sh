#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# QEMU itself: why it does not start is told, what a guest has it say is not kept, nor may it take memory at will.
# drivers: embed embed-user

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

name=test-qemu-$$
most=65536

# How much there is of it.
said() {
    stat -L -c %s "/proc/$(host_process_of "$name")/fd/2"
}

truncate -s 1M "$work/broken.qcow2"
chmod 666 "$work/broken.qcow2"
sandbox -m "host-image:/mnt=$work/broken.qcow2,format=qcow2" -- true
check_message "what QEMU does not start for is told" 125 "not in qcow2 format"
check "and nothing else of what it says" test -z "$(grep -e qemu-system -e blockdev "$stderr")"
sandbox --memory 900000GiB -- true
check_message "more memory than there is" 125 "memory: 921600000 MiB are more than the [0-9]+ MiB of this host"
mkdir -m 0 "$work/closed"
sandbox -m "host-bind:/mnt=$work/closed" -- true
check_message "a directory that QEMU may not read" 125 "mount source $work/closed: QEMU.* cannot (read|write) it: Permission denied"

# A device of another kernel, or none at all, can look as if it could be used: here the rights say so, and the one
# that is opened has no driver, if the host has no KVM. Both libvirt and we must find out by opening it.
if [ "$(id -u)" = 0 ]; then
    cat >"$work/with-kvm" <<'END'
mount -t tmpfs none /sys/module
mount -t tmpfs -o mode=755 none "$1/devices"
for entry in /dev/*; do
    name=${entry##*/}
    if [ -d "$entry" ] && [ ! -L "$entry" ]; then
        mkdir "$1/devices/$name"
        mount --rbind "$entry" "$1/devices/$name"
    elif [ "$name" != kvm ]; then
        cp -a "$entry" "$1/devices/"
    fi
done
mknod "$1/devices/kvm" c 10 232
chgrp "$3" "$1/devices/kvm"
chmod "$2" "$1/devices/kvm"
mount --rbind "$1/devices" /dev
shift 3
exec "$@"
END
    mkdir "$work/devices"
    # with_kvm MODE GROUP OPTIONS…
    with_kvm() {
        run unshare -m --propagation private bash "$work/with-kvm" "$work" "$1" "$2" "$VIRT_SANDBOX" "${@:3}"
    }
    with_kvm 660 993 --validate
    check_stdout_matches "a /dev/kvm that is closed to QEMU's user is told, with its group" \
        "^WARN  virtualization: .*/dev/kvm is closed to user [0-9]+, whom QEMU runs as; put him into its group 993"
    with_kvm 660 993 --virt-type kvm -- true
    check_message "and refused where it was asked for" 125 "virt-type kvm: /dev/kvm is closed to user"
    log=$work/libvirt.log
    LIBVIRT_LOG_OUTPUTS=1:file:$log LIBVIRT_LOG_FILTERS=1:qemu.qemu_capabilities with_kvm 666 0 -- true
    check_status "a machine starts where /dev/kvm has no driver" 0
    check "libvirt tells of what it does" test -s "$log"
    check_equal "it does not ask QEMU again and again" "" "$(grep -F 'should be usable now' "$log")"
fi

# A kernel has QEMU complain of a device as often as it likes: here of a queue of a shared directory that lies
# nowhere. Nobody but the program has a read-only one open, so the kernel lets go of its device.
cat >"$work/flood.py" <<'END'
import glob, os, struct, subprocess, time
subprocess.run(["umount", "/mnt"], check=True)
subprocess.run(["mount", "-o", "remount,rw", "/sys"], check=True)
tags = [tag for tag in glob.glob("/sys/bus/pci/devices/*/virtio*/mount_tag") if open(tag).read().strip("\0\n") == "mount0"]
device = tags[0].rsplit("/", 2)[0]
with open("/sys/bus/pci/drivers/virtio-pci/unbind", "w") as unbind:
    unbind.write(os.path.basename(device))
with open(device + "/enable", "w") as enable:
    enable.write("1")
registers = os.open(device + "/resource0", os.O_RDWR)
print("begins", flush=True)
end = time.time() + 5
while time.time() < end:
    for form, offset, value in (("<B", 18, 0), ("<B", 18, 7), ("<H", 14, 0), ("<I", 8, 0x1000), ("<H", 16, 0)):
        os.pwrite(registers, struct.pack(form, value), offset)
print("flooded", flush=True)
time.sleep(1000)
END
mkdir "$work/shared"
start flood -n "$name" -p -m "host-bind:/mnt=$work/shared,ro" -- python3 -c "$(cat "$work/flood.py")"
check "a guest begins" wait_for_output flood begins
before=$(said)
check "and has QEMU complain for a while" wait_for_output flood flooded
check_equal "nothing of that is kept" "$before" "$(said)"
check "nor much of what was before ($before bytes)" test "$before" -le "$most"
process=$(host_process_of "$name")
bound=$(sed -n 's/^Max data size *\([0-9]*\) .*/\1/p' "/proc/$process/limits")
check "QEMU's memory has a bound (${bound:-none})" test "${bound:-0}" -gt 0
check "a device that no sandbox uses is left out" grep -qz vmport=off "/proc/$process/cmdline"
# shellcheck disable=SC2154
kill "$flood"
finish flood
check_nothing_left "nothing is left" "$name"

done_testing
