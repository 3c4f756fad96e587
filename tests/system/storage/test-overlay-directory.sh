#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# An overlay in a directory of the host: used while the sandbox runs, and empty afterwards.
# drivers: embed embed-user lxc
# seconds: 1500

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"
# shellcheck source=tests/system/foreign-roots.sh
. "$TEST_DIRECTORY/foreign-roots.sh"
PATH=$PATH:/sbin:/usr/sbin

name=test-overlay-directory-$$
clean_up() {
    ! mountpoint -q "$work/small" || umount "$work/small"
    remove_work
}
root=$work/root
musl_root "$root" || skip_all "musl-tools or busybox-static is not installed"
[ "$kind" = container ] || command -v mkfs.ext4 >/dev/null || skip_all "e2fsprogs is not installed"
mkdir -p "$root/srv/layers" "$root/etc"
echo old >"$root/etc/old"
chmod -R a+rX "$root"
layers=$work/layers
mkdir "$layers"
find "$root" -printf '%p %y %m %u %s %T@\n' | sort >"$work/before"

# --- written there, and gone -----------------------------------------------------------------

large='busybox dd if=/dev/zero of=/large bs=1M count=60 2>/dev/null && busybox sync'
privileged=(-p)
# Of another's files, an ordinary user's QEMU cannot make root's; but here all belong to that user.
[ "$(id -u)" = 0 ] || privileged=()

writer=''
start writer -n "$name" -r "$root" "--overlay=$layers" --memory 160MiB "${privileged[@]}" --changes "$work/layer.tar" -- \
    sh -c "$large; echo new >/etc/new; echo more >>/etc/old; cat /etc/new /etc/old; echo up; exec busybox sleep 1000"
check "a sandbox writes 60 MB" wait_for_output writer up
check_equal "of which it finds all" $'new\nold\nmore\nup' "$(cat "$work/writer.out")"
check "they are in the directory" test "$(du -sm "$layers" | cut -f 1)" -ge 60
check_equal "in one that is closed to others" 0 "$(find "$layers" -mindepth 1 -maxdepth 1 -perm /007 | wc -l)"
sandbox -n "$name-2" -r "$root" "--overlay=$layers" -- true
check_message "another sandbox is refused the directory" 125 "overlay $layers: another sandbox has its overlay there"
check_nothing_left "before anything is made" "$name-2"
kill -TERM "$writer"
finish writer
check_status "the first is ended" 143
check_equal "its changes are kept" $'etc/\netc/new\netc/old\nlarge' "$(tar -tf "$work/layer.tar" | sort)"
check_equal "with what is in them" $'old\nmore' "$(tar -xOf "$work/layer.tar" etc/old)"
check_equal "the directory is empty" "" "$(ls -A "$layers")"
check_nothing_left "and nothing is left" "$name"
sandbox -r "$root" "--overlay=$layers" --changes - "${privileged[@]}" -- sh -c 'ls /etc/new /large 2>/dev/null; cat /etc/old; rm /etc/old'
check_status "it can be had again" 0
check_stdout "nothing of the first is in it" old
check_stderr "and changes are told" $'C /etc\nD /etc/old'
find "$root" -printf '%p %y %m %u %s %T@\n' | sort >"$work/after"
check "the root is as it was" cmp "$work/before" "$work/after"

killed=''
start killed -n "$name" -r "$root" "--overlay=$layers" "${privileged[@]}" -- sh -c 'echo x >/etc/x; echo up; exec busybox sleep 1000'
check "another one is up" wait_for_output killed up
kill -KILL "$killed"
finish killed
wait_until 5 no_host_process_of "$name"
sandbox -r "$root" "--overlay=$layers" -- sh -c :
check_status "after SIGKILL the directory is free" 0
check_equal "and what was left in it is gone with the next sandbox" "" "$(ls -A "$layers")"

# --- in the root itself, full ----------------------------------------------------------------

if [ "$kind" = container ]; then
    sandbox -r "$root" "--overlay=$root/srv/layers" -p --changes - -- sh -c 'echo x >/srv/x; ls -A /srv/layers/*'
    check_status "it can be in the root that it is for" 0
    check_stdout "where the program sees nothing of it" ""
    check_stderr "and it is no change" $'C /srv\nA /srv/x'
fi
if [ "$(id -u)" = 0 ]; then
    mkdir "$work/small"
    mount -t tmpfs -o size=40m,mode=755 small "$work/small"
    sandbox -r "$root" "--overlay=$work/small" -p -- sh -c 'busybox dd if=/dev/zero of=/large bs=1M count=60 && busybox sync; echo "still here"; rm /large; echo x >/etc/small && cat /etc/small'
    check "when it is full the program is told" grep -q "No space left" "$stderr"
    check_stdout "and goes on" $'still here\nx'
    check_equal "the directory is empty then, too" "" "$(ls -A "$work/small")"
    umount "$work/small"
    if [ "$kind" = machine ]; then
        mount -t tmpfs -o size=4m,mode=755 small "$work/small"
        sandbox -r "$root" "--overlay=$work/small" -- true
        check_message "one that is full from the start is refused" 125 "overlay $work/small: .*No space left"
        umount "$work/small"

        mount -t tmpfs -o size=60m,mode=755 small "$work/small"
        mkfifo "$work/late.in"
        exec 7<>"$work/late.in"
        late=''
        start late -n "$name" -r "$root" "--overlay=$work/small" -p -- sh -c '
            echo up; read line; busybox dd if=/dev/zero of=/large bs=1M count=40; busybox sync; echo ended'
        check "one that somebody else fills while it is used" wait_for_output late up
        cat /dev/zero >"$work/small/filler" 2>/dev/null
        echo go >&7
        limit=60 finish late
        exec 7>&-
        check_stdout "stops no machine" $'up\nended'
        rm -f "$work/small/filler"
        check_equal "and is empty at the end" "" "$(ls -A "$work/small")"
        umount "$work/small"
    fi
fi

# --- refusals --------------------------------------------------------------------------------

sandbox -r "$root" "--overlay=$work/nowhere" -- true
check_message "a directory that is missing" 125 "overlay $work/nowhere: No such file"
sandbox -r "$root" "--overlay=$root/etc/old" -- true
check_message "a file" 125 "overlay $root/etc/old: Not a directory"
if [ "$kind" = container ]; then
    sandbox -r "$root" --overlay=/proc -- true
    check_message "a file system that keeps no layers" 125 "overlay /proc: its file system cannot keep.*ext4"
elif [ "$(id -u)" != 0 ]; then
    sandbox -r "$root" --overlay=/usr -- true
    check_message "a directory that may not be written" 125 "overlay /usr: Permission denied"
else
    mkdir -m 700 "$work/closed"
    mkdir "$work/closed/layers"
    sandbox -r "$root" "--overlay=$work/closed/layers" -- true
    check_message "a directory that QEMU's user cannot enter" 125 "overlay $work/closed/layers: QEMU runs as.*--qemu-user"
fi
if [ "$kind" = machine ]; then
    what="a machine that fails otherwise says why, and not that the directory is taken"
    if qemu-img create -q -f qcow2 "$work/broken.qcow2" 1M; then
        # The size of a cluster, as a power of two.
        printf '\37' | dd of="$work/broken.qcow2" bs=1 seek=23 conv=notrunc status=none
        chmod 666 "$work/broken.qcow2"
        sandbox -r "$root" "--overlay=$layers" --disk "file:broken=$work/broken.qcow2,format=qcow2" -- true
        check_message "$what" 125 ".*[Cc]luster size"
    else
        skip "$what" "no qemu-img"
    fi
fi
check_equal "nothing is left of any" "" "$(ls -A "$layers")"

# --- saved -----------------------------------------------------------------------------------

sandbox -n saved -r "$root" "--overlay=$layers" --save "$work/saved" -- sh -c 'exit 6'
check "the directory is saved" grep -qx "overlayDir=$layers" "$work/saved"
sandbox --config "$work/saved" --save "$work/again"
check "saved again it is the same" cmp "$work/saved" "$work/again"
sandbox --config "$work/saved"
check_status "and runs" 6

done_testing
