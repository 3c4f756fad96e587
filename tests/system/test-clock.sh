#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The clock inside shows the host's time, at the start and when its machine was stopped for a while.
# drivers: embed embed-user system lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

name=clock-$$@$DRIVER
clock=
mkfifo "$work/clock.in"
start clock -n "$name" -- bash -c 'while read -r line; do echo "$EPOCHREALTIME"; done'
exec 5>"$work/clock.in"

# Microseconds.
host_time() {
    echo "${EPOCHREALTIME/[.,]/}"
}

has_lines() {
    [ "$(wc -l <"$work/clock.out")" -ge "$1" ]
}

# The time inside is between these of before and after the question, or it is off by so many microseconds: of some
# questions the one that took the least.
measure() {
    local lines before after inside trip
    trip=100000000
    for _ in {1..20}; do
        lines=$(wc -l <"$work/clock.out")
        before=$(host_time)
        echo >&5
        until has_lines $((lines + 1)); do
            has_ended "$clock" && return 1
        done
        after=$(host_time)
        inside=$(tail -n 1 "$work/clock.out")
        inside=${inside/[.,]/}
        if [ $((after - before)) -lt "$trip" ]; then
            trip=$((after - before))
            off=0
            [ "$inside" -ge "$before" ] || off=$((inside - before))
            [ "$inside" -le "$after" ] || off=$((inside - after))
        fi
    done
    echo "# off by $off us, in $trip us"
}

is_right() {
    measure && [ "${off#-}" -le 10000 ]
}

measure
check "the program starts at the host's time ($off)" test "${off#-}" -le 10000

if [ "$kind" = machine ]; then
    machine=$(host_process_of "$name")
    kill -STOP "$machine"
    sleep 6
    kill -CONT "$machine"
    check "and soon has it again after its machine was stopped" wait_until 30 is_right
fi
exec 5>&-
finish clock
check_status "it ends as ever" 0

# What was written by the host is not of the future inside, nor the other way round.
if [ "$DRIVER" = embed ]; then
    mkdir -m 777 "$work/shared"
    sandbox -m "host-bind:/mnt=$work/shared" -- sh -c 'touch /mnt/new; find /mnt/new -newermt now; date +%s.%N'
    check_equal "a file that was just made is not of the future" "" "$(grep /mnt/new "$stdout")"
fi

# shellcheck disable=SC2016
if [ "$kind" = machine ]; then
    sandbox -p -- sh -c 'before=$(date +%s); date -s "+1 hour" >/dev/null && sleep 2.5; echo ahead=$((($(date +%s) - before) / 3600))'
    check_status "a privileged program can set it" 0
    check_value "and keeps the time that it has set" ahead 1
    sandbox -- date -s "+1 hour"
    check "another cannot" test "$status" -ne 0
else
    sandbox -p -- date -s "+0 seconds"
    check "the host's clock cannot be set" test "$status" -ne 0
fi
done_testing
