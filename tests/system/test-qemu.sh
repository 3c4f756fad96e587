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
check_message "more memory than there is" 125 "cannot start the sandbox: this host does not give a machine so much memory"
check "is told without QEMU's command line" test -z "$(grep -F 'qemu-system' "$stderr")"
mkdir -m 0 "$work/closed"
sandbox -m "host-bind:/mnt=$work/closed" -- true
check_message "a directory that QEMU may not read" 125 "mount source $work/closed: QEMU .*cannot (read|write) it: Permission denied"

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
