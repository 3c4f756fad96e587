#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The clock inside shows the host's time, at the start and when its machine was stopped for a while.
# drivers: embed lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

[ -x /usr/bin/python3 ] || skip_all "/usr/bin/python3 is not installed"
off=1000000000
name=clock-$$@$DRIVER
clock=
mkfifo "$work/clock.in"
start clock -n "$name" -- bash -c 'while read -r line; do echo "$EPOCHREALTIME"; done'
exec 5>"$work/clock.in"

# The time inside is between these of before and after the question, or it is off by so many microseconds: of some
# questions the one that took the least. Each answer is read once, so that none is taken for another's.
cat >"$work/ask" <<'END'
import sys, time
replies = open(sys.argv[1])
replies.read()
questions = open(sys.argv[2], "wb", 0)
best = None
for i in range(20):
    before = time.time()
    questions.write(b"\n")
    line = ""
    while not line.endswith("\n"):
        line += replies.readline()
    after = time.time()
    inside = float(line.replace(",", "."))
    off = min(inside - before, 0) or max(inside - after, 0)
    best = min(best or (9, 0), (after - before, off))
print(round(best[1] * 1e6))
END

measure() {
    off=$(timeout "$limit" /usr/bin/python3 "$work/ask" "$work/clock.out" "$work/clock.in") && echo "# off by $off us"
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
