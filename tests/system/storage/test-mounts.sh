#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Directories of the host and of the sandbox, and memory, mounted wherever it is asked for.
# drivers: embed lxc
# seconds: 1500

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

name=test-mounts-$$

# With the embedded driver of root, QEMU is somebody else: what is to be written must be his to write.
writable() {
    mkdir "$1"
    chmod 777 "$1"
}

# What is where in the root's top directory, which no sandbox may change.
list_root() {
    stat -c %Y /
    find / -mindepth 1 -maxdepth 1 -printf '%p %m %u\n' | sort
}

scratch() {
    find /var/tmp -maxdepth 1 -name "libvirt-sandbox-$name-*"
}

root_before=$(list_root)

# --- what programs expect of a directory -----------------------------------------------------

writable "$work/semantics"
sandbox -m "host-bind:/mnt=$work/semantics" -m "host-bind:/opt=$TEST_DIRECTORY,ro" -p -- \
    python3 /opt/share-semantics.py /mnt
check_status "what programs expect of a directory is tried" 0
promised='rename-replaces write-replaced read-unlinked stat-unlinked symlink link mmap flock hole fallocate'
if [ "$kind" = container ]; then
    promised+=' truncate-replaced chmod-replaced utime-replaced truncate-unlinked chmod-unlinked fifo socket times'
fi
for promise in $promised; do
    check_equal "$promise, as docs/storage.md promises" yes "$(value "$promise")"
done

# --- mount points that do not exist ----------------------------------------------------------

writable "$work/source"
echo content >"$work/source/file"
ln -s source "$work/link"
mkdir "$work/read-only"
echo kept >"$work/read-only/file"

sandbox -m "ram:/libvirt-sandbox-test/one/two=8GiB" \
    -m "host-bind:/libvirt-sandbox-test/one/two/three=$work/source" \
    -m "host-bind:/data=$work/link" \
    -m "host-bind:/usr/libvirt-sandbox-test=$work/read-only,ro" \
    -m "guest-bind:/other/place=/data" \
    -m "ram:/srv=1MiB" \
    -m "ram:/data/below=1M" -- sh -c '
        echo "data=$(cat /data/file)"
        echo "deep=$(cat /libvirt-sandbox-test/one/two/three/file)"
        echo "read=$(cat /usr/libvirt-sandbox-test/file)"
        echo "guest=$(cat /other/place/file)"
        echo "size=$(df -k --output=size /libvirt-sandbox-test/one/two | tail -n 1 | xargs)"
        echo "usr=$(test -x /usr/bin/env && test -d /usr/share && echo there)"
        echo "root=$(ls -A / | wc -l)"
        echo written >/data/new && echo "new=yes"
        echo guest >/other/place/new-guest && echo "new_guest=yes"
        touch /usr/libvirt-sandbox-test/new 2>/dev/null || echo "read_only=yes"
        touch /libvirt-sandbox-new 2>/dev/null || echo "room=ro"
        touch /usr/libvirt-sandbox-new 2>/dev/null || echo "usr_room=ro"
        head -c 3M /dev/zero >/srv/much 2>/dev/null || echo "full=$(stat -c %s /srv/much)"
        touch /data/below/mine && echo "below=yes"
    '
check_status "missing mount points are made" 0
check_value "a directory in the root" data content
check_value "one below a mount that was asked for before" deep content
check_value "one beside what is there" read kept
check_value "a directory of the sandbox" guest content
check_value "memory beyond 4 GiB" size 8388608
check_value "what was beside it is still there" usr there
check_value "a mount can be written" new yes
check_value "and from the sandbox's other place" new_guest yes
check_value "a mount with ro cannot" read_only yes
check_value "what was made for mount points cannot" room ro
check_value "wherever that is" usr_room ro
check_value "memory ends at its limit" full 1048576
check_value "memory can be written by the program" below yes
check_equal "what was written is on the host" written "$(cat "$work/source/new" 2>&1)"
check_equal "from both places" guest "$(cat "$work/source/new-guest" 2>&1)"
check "ro kept the host's directory" test ! -e "$work/read-only/new"
check_equal "nothing was made in the host's root" "$root_before" "$(list_root)"
check "nor beside the mount in /usr" test ! -e /usr/libvirt-sandbox-test

# The root has these, but with something mounted on what they are in.
mkdir "$work/empty"
sandbox -m "host-bind:/var/lib/libvirt-sandbox-test/x=$work/source" -m "host-bind:/var=$work/empty,ro" \
    -- cat /var/lib/libvirt-sandbox-test/x/file
check_status "/var goes before what is in it" 0
check_stdout "wherever it was asked for" content
check_equal "and a source that is read only stays empty" "" "$(ls -A "$work/empty")"

# --- files -----------------------------------------------------------------------------------

echo 'from a file' >"$work/file"
sandbox -m "host-bind:/etc/libvirt-sandbox-file=$work/file,ro" \
    -m "host-bind:/etc/hostname=$work/file,ro" -- cat /etc/libvirt-sandbox-file /etc/hostname
check_stdout "a file can be mounted, on a file or on none" $'from a file\nfrom a file'
sandbox -m "host-bind:/etc=$work/file,ro" -- true
check_message "but not on a directory" 125 "/etc.*(Is|Not) a directory"

# --- temporary directories -------------------------------------------------------------------

sandbox -n "$name" -m host-bind:/scratch= -m host-bind:/libvirt-sandbox-test= -- sh -c '
    cd /scratch
    echo mine >file && chmod 600 file && cat file
    mkdir -p deep/er && echo also >deep/er/file && cat deep/er/file
    ln -s /etc/shadow link
    mkdir closed && touch closed/file && chmod 0 closed
    touch "$(printf "a\nb\377")"
    stat -c %a file
    ls -A /libvirt-sandbox-test'
check_status "a temporary directory can be written" 0
check_stdout "as any other" $'mine\nalso\n600'
check_equal "and is gone at the end" "" "$(scratch)"
check_nothing_left "with all that belongs to it" "$name"

killed=''
start killed -n "$name" -m host-bind:/scratch= -- sh -c '
    cd /scratch
    for i in $(seq 20); do mkdir -p d/d/d/d/d/d/d/d/d/d && cd d/d/d/d/d/d/d/d/d/d || exit; done
    touch here; echo up; sleep 1000'
check "a sandbox with one is up" wait_for_output killed up
check "its directory is on disk" test -n "$(scratch)"
kill -KILL "$killed"
finish killed
wait_until 5 no_host_process_of "$name"
sandbox -- true
check_equal "after SIGKILL it is gone with the next sandbox" "" "$(scratch)"

# --- names with any byte ---------------------------------------------------------------------

odd=$work/$(printf "s'\"<&>\n\001\377 \\\\e")
writable "$odd"
# shellcheck disable=SC1003 # a backslash at the end is meant
file=$(printf 'f\n\002\376"\\')
echo odd >"$odd/$file"
target=/libvirt-sandbox-$(printf 't\n\003\375&<')
sandbox -m "host-bind:$target=$odd" -e "target=$target" -e "file=$file" -- \
    sh -c 'cat "$target/$file" && mv "$target/$file" "$target/$file.moved"'
check_status "names may have any byte" 0
check_stdout "in sources, targets and files" odd
check "also when they are written" test -e "$odd/$file.moved"

# --- refusals --------------------------------------------------------------------------------

sandbox -m "host-bind:/data=$work/nowhere" -- true
check_message "a source that is missing" 125 "/data.*$work/nowhere: No such file or directory"
sandbox -m "host-bind:/data=$work/source" -m "ram:/data/=1M" -- true
check_message "a target that is used twice" 125 "mount on /data already"
sandbox -m "guest-bind:/data=/libvirt-sandbox-nowhere" -- true
check_message "a directory that the sandbox has not" 125 "/data.*No such file or directory"
sandbox -m "ram:/data=0" -- true
check_message "memory of no size" 125 "ram:/data=0"
mkfifo "$work/pipe"
sandbox -m "host-bind:/data=$work/pipe" -- true
check_message "a source that is a pipe" 125 "neither a directory nor a file"

# It vanishes at some moment between the check and its use: there is never half a sandbox.
clean=yes
for delay in 0 0.05 0.1 0.2 0.4; do
    mkdir -p "$work/vanishing"
    (sleep "$delay" && rmdir "$work/vanishing") &
    sandbox -n "$name" -m "host-bind:/data=$work/vanishing,ro" -- true
    wait $!
    case $status in
        0) ;;
        125) [ "$(wc -l <"$stderr")" = 1 ] || clean=no ;;
        *) clean=no ;;
    esac
    [ "$clean" = yes ] || break
done
if [ "$clean" = yes ]; then pass "a source can vanish at any moment"; else flunk "a source vanished"; fi
check_nothing_left "and leaves nothing" "$name"

# --- links that lead out ---------------------------------------------------------------------

# The program can put any link into what it may write. Followed by the sandbox it leads to the sandbox's
# own files; the host's side must not follow it at all.
writable "$work/trap"
mkdir "$work/trap/inner"
chmod 777 "$work/trap/inner"
echo secret >"$work/secret"
echo harmless >"$work/trap/inner/secret"
# A directory and a link that change places while somebody looks into them.
swap="
import os, threading, time
end = time.monotonic() + 3
def look():
    while time.monotonic() < end:
        try:
            with open('inner/secret') as file:
                text = file.read()
            if 'harmless' not in text:
                print(text)
        except OSError:
            pass
thread = threading.Thread(target=look)
thread.start()
while time.monotonic() < end:
    os.rename('inner', 'aside')
    os.symlink('..', 'inner')
    os.unlink('inner')
    os.rename('aside', 'inner')
thread.join()
"
sandbox -m "host-bind:/trap=$work/trap" -e "outside=$work/secret" -e "swap=$swap" -- sh -c '
    cd /trap
    ln -s "$outside" absolute
    ln -s ../secret relative
    ln -s ../../../../../../../../../../etc/hostname far
    cat absolute relative 2>/dev/null
    echo intruder >absolute
    echo intruder >relative
    ln -s .. up
    cat up/secret 2>/dev/null
    cat inner/../../secret 2>/dev/null
    python3 -c "$swap"' </dev/null
check_status "a program puts links into its directory" 0
check_equal "none of them leads to the host's file" "" "$(grep -a secret "$stdout")"
check_equal "which is as it was" secret "$(cat "$work/secret")"

check_equal "after all this the host's root is as it was" "$root_before" "$(list_root)"

done_testing
