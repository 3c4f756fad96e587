#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What another user of the host has made or locks: root does not obey it, and nobody is kept from sandboxes by it.
# drivers: embed lxc
# seconds: 900

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

[ "$(id -u)" = 0 ] || skip_all "only root has other users' files"
other=65534
base_planted=/tmp/libvirt-sandbox-65533
holder=''
clean_up() {
    [ -z "$holder" ] || kill "$holder" 2>/dev/null
    [ -z "${planted-}" ] || rm -rf "$base_planted" "$base_planted"-*
    remove_work
}

# as_other COMMAND…
as_other() {
    setpriv --reuid $other --regid $other --clear-groups -- "$@"
}

# A directory in which another user may make what he likes.
foreign=$work/foreign
mkdir "$foreign"
chown $other:$other "$foreign"

# --- an overlay in his directory --------------------------------------------------------------

# Were it not refused, what he puts in its place while it is made would be taken.
echo precious >"$work/victim"
sandbox "--overlay=$foreign" -- true
check_message "an overlay in another user's directory" 125 \
    "overlay $foreign: $foreign belongs to .*$other\)?, whom root does not trust"
as_other mkdir "$foreign/deep"
mkdir "$foreign/deep/root"
sandbox "--overlay=$foreign/deep/root" -- true
check_message "or in root's, below his" 125 "$foreign belongs to "
ln -s "$foreign/deep/root" "$work/link"
sandbox "--overlay=$work/link" -- true
check_message "or by a link of root's" 125 "overlay $work/link: $foreign belongs to "
mkdir "$work/shared"
chmod 777 "$work/shared"
sandbox "--overlay=$work/shared" -- true
check_message "or where everybody can exchange it" 125 "others can change $work/shared \(mode 0777\)"
mkdir -p "$work/given/layers"
sandbox "--overlay=$work/given/layers" -m "host-bind:/mnt=$work/given" -- true
check_message "or where the program could write" 125 "overlay $work/given/layers: the program could write there.*mount /mnt"
check_equal "nothing was made in any" "" \
    "$(find "$foreign" "$work/shared" "$work/given" -name 'libvirt-sandbox-*')"

# Where others have files, too, they can neither exchange ours nor take its lock.
chmod 1777 "$work/shared"
as_other flock -x "$work/shared" sleep 300 &
holder=$!
kept=''
start kept -n "test-trust-$$" "--overlay=$work/shared" -p --memory 160MiB -m "host-bind:/mnt=$work/given,ro" -- \
    sh -c 'echo x >/etc/x; echo up; exec sleep 300'
check "what another user locks, of /tmp say, can be had all the same" wait_for_output kept up
check_equal "closed to him" 0 "$(find "$work/shared" -mindepth 1 -maxdepth 1 -perm /007 | wc -l)"
sandbox "--overlay=$work/shared" -- true
check_message "but by one of our own sandboxes at a time" 125 "another sandbox has its overlay there"
kill -TERM "$kept"
finish kept
check_equal "it is empty at the end" "" "$(ls -A "$work/shared")"
kill "$holder"
wait "$holder" 2>/dev/null
holder=''

# --- locks on what machines boot from ---------------------------------------------------------

# Every lock on every file there that can be opened for reading.
cat >"$work/lock-all" <<'PYTHON'
import fcntl, os, struct, sys, time
held = []
def take(path, flags):
    try:
        fd = os.open(path, flags | os.O_NONBLOCK)
    except OSError:
        return
    held.append(fd)
    for lock in lambda: fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB), lambda: fcntl.lockf(fd, fcntl.LOCK_SH | fcntl.LOCK_NB):
        try:
            lock()
        except OSError:
            pass
for top, directories, files in os.walk(sys.argv[1]):
    take(top, os.O_RDONLY | os.O_DIRECTORY)
    for name in files:
        take(os.path.join(top, name), os.O_RDONLY)
print("locked", len(held), flush=True)
time.sleep(600)
PYTHON
cache=/var/cache/libvirt-sandbox
run "$VIRT_SANDBOX" -- true
if [ "$status" != 0 ]; then
    skip "locks on the boot image cache keep nobody from machines" "no machine here"
elif [ ! -x /usr/bin/python3 ]; then
    skip "locks on the boot image cache keep nobody from machines" "python3 is not installed"
else
    if [ "$kind" = container ]; then
        start holder -n "test-trust-$$" -m "host-bind:/mnt=$work,ro" -- /usr/bin/python3 /mnt/lock-all $cache
    else
        as_other /usr/bin/python3 "$work/lock-all" $cache >"$work/holder.out" 2>"$work/holder.err" &
        holder=$!
    fi
    check "somebody locks all that he can of the boot image cache" wait_for_output holder "locked [1-9]"
    limit=100 run "$VIRT_SANDBOX" -- sh -c 'exit 5'
    check_status "a machine starts all the same" 5
    kill "$holder"
    wait "$holder" 2>/dev/null
    holder=''
fi

[ "$kind" = machine ] || { done_testing; exit; }

# --- an embedded driver's directory -----------------------------------------------------------

printf '#!/bin/sh\nid -u >>%s/ran\n' "$work" >"$foreign/helper"
chmod 755 "$foreign/helper"
as_other mkdir "$foreign/etc"
printf '%s = "'"$foreign"'/helper"\n' slirp_helper dbus_daemon bridge_helper pr_helper >"$foreign/etc/qemu.conf"
run "$VIRT_SANDBOX" -c "qemu:///embed?root=$foreign" -N user -- true
check_message "root's machines in another user's directory" 125 "connection root $foreign: $foreign belongs to "
mkdir "$work/root"
for what in etc etc/qemu.conf; do
    rm -rf "$work/root/etc"
    cp -r "$foreign/etc" "$work/root/"
    chown $other "$work/root/$what"
    run "$VIRT_SANDBOX" -c "qemu:///embed?root=$work/root" -N user -- true
    check_message "or by his $what" 125 "connection root $work/root: $work/root/$what belongs to "
done
check "no program of his was run" test ! -e "$work/ran"

# --- root with another user's environment -----------------------------------------------------

mkdir "$foreign/runtime"
chown -R $other "$foreign"
find "$foreign" -printf '%p %y %m %u %s\n' | sort >"$work/before"
environment=(HOME="$foreign" XDG_CACHE_HOME="$foreign" XDG_CONFIG_HOME="$foreign" XDG_DATA_HOME="$foreign"
    XDG_RUNTIME_DIR="$foreign/runtime" TMPDIR="$foreign")
run env "${environment[@]}" "$VIRT_SANDBOX" -m ram:/scratch=1MiB -i "/scratch/file=$work/victim" -- cat /scratch/file
check_status "root with another user's environment" 0
check_stdout "has a sandbox" precious
find "$foreign" -printf '%p %y %m %u %s\n' | sort >"$work/after"
check "and leaves nothing in his directories" cmp "$work/before" "$work/after"
run env "${environment[@]}" "$VIRT_SANDBOX" -c qemu:///session -- true
check_message "a session's driver would obey his settings" 125 "qemu:///session .*$foreign belongs to "

# --- another user ------------------------------------------------------------------------------

# as_tester COMMAND…
as_tester() {
    run "$TEST_DIRECTORY/as-user" "$@"
}
mkdir "$work/cache"
mkdir -p "$work/cache/libvirt-sandbox/boot"
chown -R $other "$work/cache"
as_tester env XDG_CACHE_HOME="$work/cache" "$VIRT_SANDBOX" -- true
check_message "a user is told whose cache it is" 125 "boot image cache $work/cache.*XDG_CACHE_HOME.*belongs to "

if mkdir "$base_planted"; then
    planted=yes
    chown $other "$base_planted"
    as_tester env -u XDG_RUNTIME_DIR "$VIRT_SANDBOX" -- sh -c 'exit 3'
    check_status "a user without a runtime directory, whose place in /tmp is taken" 3
    as_tester sh -c "chmod 777 \$XDG_RUNTIME_DIR; unset XDG_RUNTIME_DIR; '$VIRT_SANDBOX' -- sh -c 'exit 4'"
    check_status "or who has one that others can change" 4
    check_equal "has one that nobody could guess" 1 "$(find /tmp -maxdepth 1 -name "${base_planted##*/}-*" -user 65533 -perm 700 | wc -l)"
    check_equal "with nothing left in it" "" "$(find /tmp -mindepth 2 -path "$base_planted-*" 2>/dev/null)"
else
    skip "a user without a runtime directory, whose place in /tmp is taken" "$base_planted is there"
fi

done_testing
