#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Who the users of a container are to the host, and that the owners of files are what they are.
# drivers: lxc
# seconds: 600

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

if ! "$VIRT_SANDBOX" "${connect[@]}" --validate | grep -qE '^(PASS|WARN)  users: none'; then
    skip_all "this host cannot map users"
fi

# Below the host's root: a directory, and a file system of its own.
place=/var/lib/libvirt-sandbox-users-$$
clean_up() {
    umount "$place/below" "$place/unmapped" "$work/unmapped" 2>/dev/null
    rm -rf "$place"
    remove_work
}
# shellcheck disable=SC2174 # $work is there
mkdir -p -m 755 "$place/below" "$work/shared" "$work/included"
chmod 777 "$work/shared"
mount -t tmpfs -o mode=755 below "$place/below"
# owned_files DIRECTORY: a file of each of some users, and of a group.
owned_files() {
    local id
    for id in 0 1000 65534 65536 1500000000; do
        echo "$id" >"$1/$id"
        chown "$id:$id" "$1/$id"
        chmod 600 "$1/$id"
    done
}
for directory in "$place" "$place/below" "$work/shared"; do
    owned_files "$directory"
done
owners=$'0 0:0\n1000 1000:1000\n1500000000 1500000000:1500000000\n65534 65534:65534\n65536 65536:65536'
show_owners='cd "$0" && stat -c "%n %u:%g" 0 1000 1500000000 65534 65536'

# --- outside ----------------------------------------------------------------------------------

# What the sleeping program is to the host.
uids_of() {
    sed -n 's/^Uid:\t//p' "/proc/$(pgrep -f -o "^sleep 4321.$$\$")/status"
}
for options in '' -p '-S nobody'; do
    # shellcheck disable=SC2086
    start program $options -- sh -c "id -u; exec sleep 4321.$$"
    wait_until "$limit" uids_of
    read -r real effective saved files <<<"$(uids_of)"
    inside=$(head -n 1 "$work/program.out")
    check "user ${inside:-?} is none of the host's ($options)" test "${effective:-0}" -ge 2013265920
    check_equal "in no respect ($options)" "$real $real $real" "$effective $saved $files"
    check_equal "and has a number of its own ($options)" "$inside" $(((effective - 2013265920) % 65536))
    # shellcheck disable=SC2154 # start sets it
    kill "$program"
    finish program
done

# --- inside: what is there, and what is made --------------------------------------------------

for directory in "$place" "$place/below"; do
    sandbox -- sh -c "$show_owners" "$directory"
    check_stdout "the owners of the root's files are what they are (${directory##*/})" "$owners"
    sandbox -S nobody -- sh -c 'cd "$0" && cat 65534; cat 0' "$directory"
    check_stdout "and what they may is the same (${directory##*/})" 65534
    sandbox -p -- sh -c 'cd "$0" && cat 1000' "$directory"
    check_stdout "a privileged one may all (${directory##*/})" 1000
done
sandbox --root "$place" -- /no/such/program
check_status "the same as --root has no program" 127

sandbox -p -m "host-bind:/mnt=$work/shared" -m ram:/ram=1M -m host-bind:/temporary= -m guest-bind:/again=/mnt -- sh -c '
    sh -c "$0" /mnt
    for directory in /mnt /ram /temporary /again /tmp /run /var/tmp /dev/shm; do
        touch $directory/made && mkdir $directory/directory && chown 1000:1001 $directory/directory &&
            stat -c "%u:%g %n" $directory/made $directory/directory || echo failed
        rm -f $directory/made
        rmdir $directory/directory
    done
    touch /mnt/by-root /mnt/given && chown 1000:65534 /mnt/given
    stat -c "%u:%g %n" /ram /temporary /tmp /run /dev /dev/null /dev/pts /dev/pts/ptmx /etc/resolv.conf / /etc/passwd |
        sed "/^0:0 /d"' "$show_owners"
check_status "a privileged program makes files everywhere" 0
expected=$owners
for directory in /mnt /ram /temporary /again /tmp /run /var/tmp /dev/shm; do
    expected+=$'\n'"0:0 $directory/made"$'\n'"1000:1001 $directory/directory"
done
check_stdout "with the owners that they should have, and none is nobody's" "$expected"
check_equal "a file of root's is root's on the host" 0:0 "$(stat -c %u:%g "$work/shared/by-root")"
check_equal "one that was given away is who it was given to" 1000:65534 "$(stat -c %u:%g "$work/shared/given")"
sandbox -S nobody -m "host-bind:/mnt=$work/shared" -- sh -c 'touch /mnt/by-nobody; cat /mnt/1000; id -u'
check_stdout "a file of somebody else's stays closed" 65534
check_equal "and what he makes is his" 65534:65534 "$(stat -c %u:%g "$work/shared/by-nobody")"

echo one >"$work/included/one"
truncate -s 4M "$work/disk.img"
sandbox -S nobody -m ram:/ram=1M -i "/ram=$work/included" --disk "file:disk=$work/disk.img,format=raw" -- sh -c '
    stat -c %u:%g /ram/one; stat -c %u:%g /dev/disk/by-tag/disk
    echo data >/dev/disk/by-tag/disk && echo done >/dev/stdout'
check_stdout "what is included, disks and streams are the program's" $'65534:65534\n65534:65534\ndone'
sandbox -T -S nobody -- sh -c 'stat -c %u:%g "$(tty)"; echo x >"$(tty)"' 2>/dev/null
[ "$status" != 0 ] || check_stdout_matches "its terminal, too" 65534:5

for type in ext4 xfs btrfs; do
    if ! command -v "mkfs.$type" >/dev/null; then
        skip "owners in an image with $type" "mkfs.$type is not installed"
        continue
    fi
    truncate -s 320M "$work/$type.img"
    "mkfs.$type" "$work/$type.img" >/dev/null 2>&1
    sandbox -p -m "host-image:/mnt=$work/$type.img,format=raw" -- sh -c '
        touch /mnt/made && mkdir /mnt/given && chown 1000:1001 /mnt/given && stat -c %u:%g /mnt /mnt/made /mnt/given'
    if grep -q 'has no .* file system' "$stderr"; then
        skip "owners in an image with $type" "the kernel does not have it"
        continue
    fi
    check_stdout "owners in an image with $type" $'0:0\n0:0\n1000:1001'
    mkdir -p "$work/image"
    mount -o loop,ro "$work/$type.img" "$work/image"
    check_equal "and so they are in it ($type)" "0:0 1000:1001" \
        "$(cd "$work/image" && stat -c %u:%g made given | xargs)"
    umount "$work/image"
    rm -f "$work/$type.img"
done

# --- overlays ---------------------------------------------------------------------------------

# Rights of user 1000 in a list, and a capability.
cat >"$work/change" <<END
import os, struct
os.chdir("$place")
os.chown("0", 1000, 1001)
open("1000", "a").write("more")
open("made", "w").write("made")
entries = [(1, 6, 0xffffffff), (2, 4, 1000), (4, 4, 0xffffffff), (16, 4, 0xffffffff), (32, 0, 0xffffffff)]
os.setxattr("made", "system.posix_acl_access",
            struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries))
os.setxattr("made", "security.capability", struct.pack("<5I", 0x02000001, 1 << 13, 0, 0, 0))
print(*(f"{name} {os.stat(name).st_uid}:{os.stat(name).st_gid}" for name in ("0", "1000", "made", "65534")))
END
mkdir "$work/layers"
for overlay in --overlay "--overlay=$work/layers"; do
    sandbox -p "$overlay" --changes "$work/changes.tar" -- python3 "/dev/stdin" <"$work/change"
    check_stdout "owners in ${overlay%%=*}${overlay#--overlay}" "0 1000:1001 1000 1000:1000 made 0:0 65534 65534:65534"
    check_equal "and in its changes" "1000/1001 0 1000/1000 1000 0/0 made" \
        "$(tar --numeric-owner -tvf "$work/changes.tar" | sed -n "s|^-[^ ]* *\([^ ]*\) .*${place#/}/|\1 |p" | xargs)"
    check "with the users in lists of rights, and capabilities for all" python3 -c '
import struct, sys, tarfile
member = [m for m in tarfile.open(sys.argv[1], errors="surrogateescape") if m.name.endswith("/made")][0]
value = lambda name: member.pax_headers["SCHILY.xattr." + name].encode(errors="surrogateescape")
assert struct.unpack("<HHI", value("system.posix_acl_access")[12:20]) == (2, 4, 1000)
assert value("security.capability") == struct.pack("<5I", 0x02000001, 1 << 13, 0, 0, 0)' "$work/changes.tar"
done
check_equal "the host's files are as they were" 0:0 "$(stat -c %u:%g "$place/0")"

# --- what the kernel counts -------------------------------------------------------------------

cat >"$work/hog" <<'END'
import ctypes, os, signal, sys
libc = ctypes.CDLL(None)
held = 0
while libc.inotify_init1(0) >= 0:
    held += 1
    if held % 200 == 0 and os.fork():
        signal.pause()
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGRTMIN])
queued = 0
while queued < 2000 and libc.sigqueue(os.getpid(), signal.SIGRTMIN, None) == 0:
    queued += 1
print("held", held, queued, flush=True)
signal.pause()
END
before=$(sed -n 's/^SigQ:\t\([0-9]*\).*/\1/p' /proc/self/status)
start program -- python3 -c "$(cat "$work/hog")"
check "a program takes all that it is given" wait_for_output program '^held [1-9]'
check "the host's root has inotify instances left" python3 -c '
import ctypes
assert all(ctypes.CDLL(None).inotify_init1(0) >= 0 for _ in range(20))'
after=$(sed -n 's/^SigQ:\t\([0-9]*\).*/\1/p' /proc/self/status)
check "and the queued signals are not the host's root's" test $((after - before)) -lt 500
start second -- python3 -c "$(cat "$work/hog")"
check "another sandbox has its own" wait_for_output second '^held [1-9]'
# shellcheck disable=SC2154 # start sets them
kill "$program" "$second"
finish program
finish second

# --- the second wall --------------------------------------------------------------------------

waits() {
    waiting=$(pgrep -f -n "4321.$$.2") && [ "$(cat "/proc/$waiting/comm")" = sh ]
}
cat >"$work/put-proc" <<'END'
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(*arguments):
    result = libc.syscall(*arguments)
    if result < 0:
        sys.exit(os.strerror(ctypes.get_errno()))
    return result
FSOPEN, FSCONFIG, FSMOUNT, MOVE_MOUNT, CREATE, FROM_DESCRIPTOR = 430, 431, 432, 429, 6, 4
context = call(FSOPEN, b"proc", 0)
call(FSCONFIG, context, CREATE, None, None, 0)
mount = call(FSMOUNT, context, 0, 0)
libc.setns(os.open(sys.argv[1], os.O_RDONLY), 0)
os.mkdir("/tmp/place")
call(MOVE_MOUNT, mount, b"", -100, b"/tmp/place", FROM_DESCRIPTOR)
os.symlink("place", "/tmp/proc")
END
# A /proc that nothing covers, which the host puts in the program's way. It is opened, never written.
for options in '' -p; do
    # shellcheck disable=SC2086
    start program $options -- sh -c 'until [ -e /tmp/proc/sys ]; do sleep 0.1; done
        for file in sys/kernel/core_pattern sys/kernel/modprobe sysrq-trigger; do
            if (true >>/tmp/proc/$file) 2>/dev/null; then echo "$file=open"; else echo "$file=closed"; fi
        done; cat /tmp/proc/kcore 2>&1 | head -c 1 >/dev/null; : "'"4321.$$.2"'"; echo looked'
    check "a program waits ($options)" wait_until "$limit" waits
    # The end of the program may be faster than its own, and kills it then.
    nsenter -t "$waiting" -p python3 "$work/put-proc" "/proc/$waiting/ns/mnt" 2>/dev/null
    finish program
    check_stdout "without a cover the kernel's settings are closed all the same ($options)" \
        $'sys/kernel/core_pattern=closed\nsys/kernel/modprobe=closed\nsysrq-trigger=closed\nlooked'
done

# --- where it cannot be -----------------------------------------------------------------------

mkdir -p "$work/unmapped" "$work/lower" "$work/empty"
owned_files "$work/lower"
if mount -t overlay -o "lowerdir=$work/lower:$work/empty" overlay "$work/unmapped"; then
    sandbox -v -m "host-bind:/mnt=$work/unmapped,ro" -- sh -c 'sh -c "$0" /mnt; cat /proc/self/uid_map' "$show_owners"
    check_stdout_matches "a file system that cannot be mapped is shown" '^1500000000 1500000000:1500000000$'
    check_stdout_matches "and then all users are the host's" '^ *0 +0 +4294967295$'
    check "which -v says" grep -q "users are the host's: .*$work/unmapped" "$stderr"
    run "$VIRT_SANDBOX" "${connect[@]}" --validate -m "host-bind:/mnt=$work/unmapped,ro"
    check_stdout_matches "and --validate" "^WARN  users: .*$work/unmapped"
    umount "$work/unmapped"

    # What nobody asked for takes the second wall from no sandbox.
    mkdir "$place/unmapped"
    chmod 644 "$work/lower/1000"
    mount -t overlay -o "lowerdir=$work/lower:$work/empty" overlay "$place/unmapped"
    for overlay in '' --overlay; do
        # shellcheck disable=SC2086
        sandbox -v $overlay -- sh -c 'cd "$0" && stat -c "%n %u" 1000 && cat 1000; cat 0; echo x >>1000
            cat /proc/self/uid_map' "$place/unmapped"
        check_stdout_matches "where the host has one, its files are nobody's $overlay" '^1000 65534$'
        check_stdout_matches "they are read by whom everybody may be $overlay" '^1000$'
        check_equal "and by nobody else $overlay" 2 "$(grep -c -E 'Permission denied|cannot create|cannot open' "$stderr")"
        check "users are mapped all the same $overlay" grep -qE '^ *0 +2[0-9]{9} +65536$' "$stdout"
        check "which -v says $overlay" grep -q "nobody's inside.*$place/unmapped" "$stderr"
    done
    run "$VIRT_SANDBOX" "${connect[@]}" --validate
    check_stdout_matches "and --validate" "^WARN  users: none .*$place/unmapped"
    umount "$place/unmapped"
else
    skip "a file system that cannot be mapped" "no overlay can be mounted here"
fi

done_testing
