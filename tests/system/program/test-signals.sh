#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Signals and time limits: what reaches the program, and what ends it when it will not end.
# drivers: embed lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

name=test-signals-$$
all='' stubborn='' patient='' both='' family='' early=''
ignoring='trap "" INT TERM HUP QUIT; echo up; while :; do sleep 0.1; done'

# --- signals ----------------------------------------------------------------------------------

handlers=
for signal in INT HUP QUIT USR1 USR2 TERM; do
    handlers+="trap 'echo $signal' $signal; "
done
start all -n "$name" -- sh -c "$handlers trap 'echo WINCH' WINCH; echo up; while :; do sleep 0.1; done"
wait_for_output all up
for signal in INT HUP QUIT USR1 USR2 TERM; do
    kill -s "$signal" "$all"
    wait_for_output all "^$signal$"
done
pass "each signal reaches a program that catches it"
# The last one was the first SIGTERM; a third would end virt-sandbox at once.
sleep 2.3
kill -TERM "$all"
sleep 0.2
then=$(now)
kill -TERM "$all"
finish all
check_status "it is ended when it was told twice" 143
check "within 5 seconds" test $(($(now) - then)) -lt 5000
check_nothing_left "and leaves nothing" "$name"

start stubborn -n "$name" -- sh -c "$ignoring"
wait_for_output stubborn up
kill -INT "$stubborn"
sleep 0.2
kill -INT "$stubborn"
finish stubborn
check_status "so is one that ignores SIGINT" 130

start patient -- sh -c "$ignoring"
wait_for_output patient up
for _ in 1 2 3; do
    kill -TERM "$patient"
    sleep 2.3
done
check "but not when it is told now and then" kill -0 "$patient"
start both -- sh -c "$ignoring"
wait_for_output both up
kill -TERM "$both"
sleep 0.1
kill -INT "$both"
sleep 1
check "nor by two different signals" kill -0 "$both"
for pid in "$patient" "$both"; do
    kill -TERM "$pid"
    sleep 0.1
    kill -TERM "$pid"
done
finish patient
finish both

start early -n "$name" -- sh -c "$ignoring"
# It watches its signals, and not the shell that has become it. Without a pause: a container's program runs soon.
for ((look = 0; look < 2000; look++)); do
    [[ $(readlink "/proc/$early/exe") != */virt-sandbox ]] ||
        ! grep -qs "^SigBlk:.*[2367abef]$" "/proc/$early/status" || break
done
[ "$kind" = container ] || sleep 0.1
kill -INT "$early"
ran_already=no
if [ "$kind" = container ] && ! wait_until 10 has_ended "$early"; then
    ran_already=yes
    kill -INT "$early"
    sleep 0.3
    kill -INT "$early"
fi
finish early
if [ "$status" = 130 ] && [ $ran_already = no ]; then
    pass "a signal before the program runs ends the sandbox"
elif [ $ran_already = yes ] && grep -q up "$stdout"; then
    skip "a signal before the program runs ends the sandbox" "the program ran already"
else
    flunk "a signal before the program runs ends the sandbox"
fi
check_nothing_left "and leaves nothing" "$name"

# --- its children -----------------------------------------------------------------------------

# A number by which they are found.
duration=$((10000 + RANDOM))$RANDOM
children='trap "" TERM INT HUP
sh -c "trap \"\" TERM INT HUP; setsid sleep $duration & while :; do sleep 0.1; done" &
sleep $duration & setsid -f sleep $duration; setsid -f sh -c "trap \"\" TERM HUP; sleep $duration"; sleep 0.3; echo up'
children=${children//\$duration/$duration}
no_children() {
    ! grep -sqxzF "$duration" /proc/[0-9]*/cmdline
}
sandbox -n "$name" -- sh -c "$children; exit 5"
check_status "a program ends before its children" 5
check "which end with it" wait_until 5 no_children
check_nothing_left "and leave nothing" "$name"

start family -n "$name" -- sh -c "$children; while :; do sleep 0.1; done"
wait_for_output family up
kill -TERM "$family"
sleep 0.1
kill -TERM "$family"
finish family
check_status "a program is ended with its children" 143
check "all of them" wait_until 5 no_children
check_nothing_left "and leave nothing" "$name"

# --- time -------------------------------------------------------------------------------------

# A machine starts slowly where it is emulated, and the limit counts from the beginning.
if [ "$kind" = container ]; then seconds=5; else seconds=20; fi
told='' stays=''
then=$(now)
start told -n "$name-told" --timeout $seconds -- sh -c 'trap "echo told; exit 9" TERM; echo up; while :; do sleep 0.1; done'
start stays -n "$name" --timeout $seconds -- sh -c "$children; while :; do sleep 0.1; done"
finish told
check_status "a time-out is 124, whatever the program says" 124
check_stdout "which is told to end" $'up\ntold'
check_stderr "without a message" ""

finish stays
check_status "a program that does not end then is killed" 124
check "soon" test $(($(now) - then)) -lt $((seconds * 1000 + 8000))
check "with all its children" wait_until 5 no_children
check_nothing_left "and leaves nothing" "$name"

sandbox -n "$name" --timeout 0.05 -- sh -c 'sleep 60'
check_status "a time-out before the program runs is 124" 124
check_nothing_left "and leaves nothing" "$name"

sandbox --timeout 300 -- sh -c 'exit 11'
check_status "one that is not reached changes nothing" 11

done_testing
