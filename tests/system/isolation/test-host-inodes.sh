#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What belongs to a file of the host and not to its content: sockets, pipes, locks and leases.
# drivers: lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

# In the root, and in a file system of its own below it.
place=/var/lib/libvirt-sandbox-inodes-$$
daemons=()
clean_up() {
    [ ${#daemons[@]} = 0 ] || kill "${daemons[@]}" 2>/dev/null
    umount "$place/below" "$place/deep" "$work/overlay" 2>/dev/null
    rm -rf "$place"
    remove_work
}
mkdir -m 755 "$place" "$place/below"
mount -t tmpfs -o mode=755 below "$place/below"

# A daemon that listens, one that reads a pipe, and a file that both sides could lock.
for directory in "$place" "$place/below"; do
    mkfifo -m 666 "$directory/pipe"
    echo content | tee "$directory/file" >"$directory/leased"
    ln "$directory/file" "$directory/link"
    python3 -c '
import os, signal, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1] + "/socket")
os.chmod(sys.argv[1] + "/socket", 0o777)
listener.listen()
pipe = os.open(sys.argv[1] + "/pipe", os.O_RDONLY | os.O_NONBLOCK)
print("up", flush=True)
signal.pause()' "$directory" >"$work/daemon" &
    daemons+=($!)
    wait_until 20 grep -q up "$work/daemon"
done

cat >"$work/probe" <<'END'
import fcntl, os, signal, socket, sys
signal.signal(signal.SIGIO, signal.SIG_IGN)
files = []
def attempt(name, function):
    try:
        function()
        print(name + "=yes")
    except OSError:
        print(name + "=no")
for name, directory in zip(sys.argv[1::2], sys.argv[2::2]):
    path = directory + "/"
    attempt(name + "_socket", lambda: socket.socket(socket.AF_UNIX).connect(path + "socket"))
    attempt(name + "_pipe", lambda: os.open(path + "pipe", os.O_WRONLY | os.O_NONBLOCK))
    files += [open(path + "leased"), open(path + "file"), open(path + "file")]
    attempt(name + "_lease", lambda: fcntl.fcntl(files[-3], fcntl.F_SETLEASE, fcntl.F_WRLCK))
    fcntl.lockf(files[-2], fcntl.LOCK_SH)
    fcntl.flock(files[-1], fcntl.LOCK_EX)
    one, two, above = os.stat(path + "file"), os.stat(path + "link"), os.stat(directory)
    print(f"{name}_same={os.path.samestat(one, two)} {one.st_nlink}")
    print(f"{name}_device={one.st_dev == above.st_dev}")
print("held", flush=True)
sys.stdin.read()
END
mkfifo "$work/program.in"
start program -- python3 -c "$(cat "$work/probe")" root "$place" below "$place/below"
exec {held}>"$work/program.in"
check "a program runs" wait_for_output program held
for directory in "$place" "$place/below"; do
    where=${directory##*/}
    check "its locks are its own ($where)" flock -n -x "$directory/file" true
    check "and its record locks ($where)" python3 -c '
import fcntl, sys
fcntl.lockf(open(sys.argv[1], "r+"), fcntl.LOCK_EX | fcntl.LOCK_NB)' "$directory/file"
    check "the host opens at once what it has a lease on ($where)" \
        timeout 5 sh -c 'echo more >>"$0"' "$directory/leased"
done
exec {held}>&-
finish program
for where in root below; do
    check_value "no socket of the host can be connected to ($where)" "${where}_socket" no
    check_value "no pipe of the host can be written ($where)" "${where}_pipe" no
    check_value "hard links are the same file ($where)" "${where}_same" "True 2"
    check_value "files are on the device of their directory ($where)" "${where}_device" True
done

# What was asked for is what it is.
sandbox -m "host-bind:/mnt=$place,ro" -- python3 -c '
import socket
socket.socket(socket.AF_UNIX).connect("/mnt/socket")'
check_status "a socket in a mount that was asked for can be connected to" 0

# What the host changes meanwhile is seen.
sandbox -- sh -c "cat $place/leased"
check_stdout "the host's files are read" $'content\nmore'

# Overlays can be stacked twice, and this would be the third.
mkdir -p "$work/lower" "$work/empty" "$work/overlay" "$place/deep"
echo deep >"$work/lower/file"
if mount -t overlay -o "lowerdir=$work/lower:$work/empty" overlay "$work/overlay" 2>/dev/null &&
    mount -t overlay -o "lowerdir=$work/overlay:$work/empty" overlay "$place/deep" 2>/dev/null; then
    sandbox -v -- cat "$place/deep/file"
    check_stdout "what cannot be a layer is shown as it is" deep
    check "and -v says so" grep -q "$place/deep cannot be shown through an overlay" "$stderr"
else
    skip "what cannot be a layer" "no overlay can be mounted here"
fi

done_testing
