#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The guards of an embedded driver: a machine ends with its caller even if they are killed before.
# drivers: embed embed-user

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

build=$(dirname "$(dirname "$VIRT_SANDBOX")")
if [ ! -x "$build/tests/system/isolation/hostile-init" ] || [ ! -x "$build/bin/.libs/virt-sandbox" ]; then
    skip_all "no build tree around $VIRT_SANDBOX"
fi
plain=$VIRT_SANDBOX

# The library looks for its programs beside itself when it is not installed.
mkdir -p "$work/tree/.libs" "$work/tree/libexec"
cp -P "$build"/.libs/libvirt-sandbox-1.0.so* "$work/tree/.libs/"
find "$build/libexec" -maxdepth 1 -name 'libvirt-sandbox-*' -type f -executable -exec cp -t "$work/tree/libexec" {} +
cp "$build/tests/system/isolation/hostile-init" "$work/tree/libexec/libvirt-sandbox-init"

name=test-guard-$$
export GUARD_MARK=$name

guards() {
    local process
    for process in $(pgrep -f libexec/libvirt-sandbox-guard); do
        ! tr '\0' '\n' 2>/dev/null <"/proc/$process/environ" | grep -qx "GUARD_MARK=$GUARD_MARK" || echo "$process"
    done
}

there_are_guards() {
    [ "$(guards | wc -l)" = "$1" ]
}

# Those that were there before are not counted.
there_are_new_guards() {
    [ "$(comm -13 <(sort <<<"$1") <(guards | sort) | wc -l)" = "$2" ] && there_are_guards 2
}

# --- a guest that would stay ------------------------------------------------------------------

took=none
for attempt in 1 2 3 4 5; do
    VIRT_SANDBOX=$build/bin/.libs/virt-sandbox
    export LD_LIBRARY_PATH=$work/tree/.libs
    stays=''
    start stays -n "$name" -- ignore
    unset LD_LIBRARY_PATH
    wait_until "$limit" host_process_of "$name"
    machine=$(host_process_of "$name")
    sleep 10
    [ "$attempt" != 1 ] || check "two processes guard a machine" wait_until 5 there_are_guards 2
    before=$(guards)
    # shellcheck disable=SC2046
    kill -KILL $(head -n 1 <<<"$before")
    [ "$attempt" != 1 ] || check "one that is killed is started again" wait_until 5 there_are_new_guards "$before" 1
    before=$(guards)
    # shellcheck disable=SC2086
    kill -KILL $before
    [ "$attempt" != 1 ] || check "so are both" wait_until 5 there_are_new_guards "$before" 2
    before=$(guards)
    then=$(now)
    # shellcheck disable=SC2046
    kill -KILL $(head -n 1 <<<"$before") "$stays"
    wait_until 20 is_dead "$machine" || break
    took=$(($(now) - then))
    finish stays
    wait_until 20 no_host_process_of "$name"
    [ "$took" -ge 2000 ] || break
done
check "with a guard and its caller killed at once, it ends within 2 seconds ($took ms, try $attempt)" \
    test "${took/none/9999}" -lt 2000
check "the other guard goes, too" wait_until 10 there_are_guards 0
is_dead "$machine" || kill -KILL "$machine"

# --- a guest that obeys ------------------------------------------------------------------------

VIRT_SANDBOX=$plain
mkfifo "$work/obeys.in"
exec 7<>"$work/obeys.in"
obeys=''
start obeys -n "$name" -- sh -c 'echo up; read line; exit 6'
wait_for_output obeys up
before=$(guards)
# shellcheck disable=SC2086
kill -KILL $before
check "guards are killed while a program runs" wait_until 5 there_are_new_guards "$before" 2
echo go >&7
finish obeys
exec 7>&-
check_status "the program does not notice" 6
check_stderr "nor does its caller" ""
check "no guard is left" wait_until 10 there_are_guards 0
check_nothing_left "and nothing else" "$name"

done_testing
