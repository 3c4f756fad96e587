#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The shell on the second console: it has no more rights than the program, which can write what it executes.
# drivers: embed lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

none=0000000000000000

# Who the shell is, as its neighbour sees it.
cat >"$work/look" <<'END'
for _ in 1 2 3 4 5 6 7 8 9 10; do
    for process in /proc/[0-9]*; do
        [ "$(tr '\0' ' ' <"$process/cmdline" 2>/dev/null)" = "sh -i " ] || continue
        sed -n 's/^\(Uid\|Gid\|Groups\|CapInh\|CapPrm\|CapEff\|CapBnd\|CapAmb\|NoNewPrivs\|Seccomp\):[ \t]*/\1=/p' \
            "$process/status"
        exit
    done
    sleep 0.5
done
END

check_shell() {
    local set
    check "$1: there is one" test -n "$(value Uid)"
    check_value "$1: its user" Uid "$2"$'\t'"$2"$'\t'"$2"$'\t'"$2"
    check_value "$1: its groups" Groups "$3 "
    for set in CapInh CapPrm CapEff CapBnd CapAmb; do
        check_value "$1: $set is empty" "$set" "$none"
    done
    check_value "$1: no new privileges" NoNewPrivs 1
    [ "$kind" = machine ] || check_value "$1: it has the filter" Seccomp 2
}

sandbox --shell -S nobody -e PATH=/tmp:/usr/bin:/bin -- sh <"$work/look"
check_shell "beside a program that can write nothing" 0 0

mkdir -m 777 "$work/given"
sandbox --shell -S nobody -m "host-bind:/mnt=$work/given" -- sh <"$work/look"
check_shell "beside one that can write to a mount" "$(id -u nobody)" "$(id -g nobody)"

sandbox --shell -p -- sh <"$work/look"
check_value "with -p: its user" Uid $'0\t0\t0\t0'
check "with -p: it has capabilities" test "$(value CapEff)" != "$none"
[ "$kind" = machine ] || check_value "with -p: it has the filter of the program" Seccomp 2

# A program puts its own in the place of the shell's, and ends that: the next one is its own.
cat >"$work/replace" <<'END'
cp /bin/sh /tmp/real
printf '#!/tmp/real\nsed -n "s/^\\(Uid\\|CapPrm\\|CapEff\\|CapBnd\\|NoNewPrivs\\|Seccomp\\):[ \\t]*/\\1=/p" /proc/self/status >/tmp/found\nsleep 3\n' >/tmp/new
chmod 755 /tmp/new
shell=$(readlink -f /bin/sh)
rm -f "$shell"
cp /tmp/new "$shell"
for _ in 1 2 3 4 5 6 7 8 9 10; do
    for process in /proc/[0-9]*; do
        [ "$(tr '\0' ' ' <"$process/cmdline" 2>/dev/null)" != "sh -i " ] || kill -KILL "${process##*/}"
    done
    sleep 0.5
    [ ! -s /tmp/found ] || break
done
cat /tmp/found
END
cp "$(readlink -f /bin/sh)" "$work/interpreter"
sandbox --shell --overlay -m "host-bind:/mnt=$work,ro" -- /mnt/interpreter /mnt/replace
check "a program can replace it where the root can be written" test -n "$(value CapEff)"
for set in CapPrm CapEff CapBnd; do
    check_value "and gets no more than it has: $set" "$set" "$none"
done
check_value "nor new privileges" NoNewPrivs 1
[ "$kind" = machine ] || check_value "nor a way past the filter" Seccomp 2

# Where users are the host's, user 0 may send signals to what is to become the shell.
mkdir "$work/lower" "$work/empty" "$work/unmapped"
if [ "$DRIVER" = lxc ] && mount -t overlay -o "lowerdir=$work/lower:$work/empty" overlay "$work/unmapped"; then
    sandbox --shell --timeout 60 -m "host-bind:/mnt=$work/unmapped,ro" -- sh -c '
        for signal in KILL STOP; do for _ in $(seq 100); do kill -$signal -1; sleep 0.02; done; done; exit 7'
    check_status "a program that stops and kills every shell ends as it wants" 7
    umount "$work/unmapped"
fi

done_testing
