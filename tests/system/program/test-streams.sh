#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Input and output are complete, to the byte, whoever of the two is slow or goes away.
# drivers: embed lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

mebibyte=1048576
if [ "$kind" = container ]; then
    piece=$((64 * mebibyte)) pieces=16
else
    piece=$((50 * mebibyte)) pieces=4
fi
total=$((piece * pieces))
head -c "$piece" /dev/urandom >"$work/piece"

# all of it: PIECE over and over, and no two ways to cut it that are alike
produce() {
    local i
    for ((i = 0; i < pieces; i++)); do
        cat "$work/piece"
        echo "$i"
    done | head -c "$total"
}

checksum() {
    tee >(wc -c >"$work/size") | md5sum >"$work/sum"
    wait_until 10 test -s "$work/size"
    echo "$(cut -d' ' -f1 "$work/sum") $(xargs <"$work/size")"
}

# --- bulk -------------------------------------------------------------------------------------

expected=$(produce | checksum)
rm "$work/size"
limit=600
produce | { sandbox_pipe cat; } | checksum >"$work/got"
check_equal "$((total / mebibyte)) MiB through cat are the same bytes" "$expected" \
    "$(cat "$work/got")"
check_equal "cat ended with 0" 0 "$(cat "$work/status")"
limit=150

# Much and little in turn, to a program and from one that take their time: some of it is copied on its way,
# some is not.
uneven() {
    local i
    for ((i = 0; i < 12; i++)); do
        for size in 1 70000 3 16384 200000 4096 65536 100 300000 9; do
            head -c "$size"
        done
    done <"$work/piece"
}
uneven >"$work/uneven"
uneven | { sandbox_pipe sh -c 'for i in $(seq 40); do head -c 77777; sleep 0.03; done; cat'; } |
    { sleep 0.5; head -c 500000; sleep 0.5; cat; } >"$work/out"
check "writes of all sizes arrive in order" cmp "$work/uneven" "$work/out"
check_equal "and the status is kept" 0 "$(cat "$work/status")"
sandbox -- sh -c 'head -c 20000000 /dev/zero | tr "\0" o & head -c 20000000 /dev/zero | tr "\0" e >&2; wait; exit 3'
check_status "a program with much output on both streams keeps its status" 3
check_equal "all of stdout is there, unmixed" "20000000 0" \
    "$(wc -c <"$stdout") $(tr -d o <"$stdout" | wc -c)"
check_equal "all of stderr is there, unmixed" "20000000 0" \
    "$(wc -c <"$stderr") $(tr -d e <"$stderr" | wc -c)"

# --- input ------------------------------------------------------------------------------------

printf 'no newline at the end' >"$work/input"
sandbox -- sh -c 'cat; sleep 1; echo after; echo still >&2; exit 5' <"$work/input"
check_status "the end of input ends nothing else" 5
check_stdout "what the program says after the end of its input arrives" \
    "no newline at the endafter"
check_stderr "on stderr too" "still"

sandbox -- cat </dev/null
check_status "no input at all" 0
check_stdout "brings no output" ""

sandbox -- sh -c 'cat; echo end' <&-
check_stdout "a closed stdin reads as empty" "end"

# Far more input than any buffer holds, which nobody reads.
produce 2>/dev/null | { sandbox_pipe sh -c 'sleep 1; echo done; exit 6'; } >"$work/out"
check_equal "a program that does not read its input keeps its status" 6 "$(cat "$work/status")"
check_equal "and its output" "done" "$(cat "$work/out")"

produce 2>/dev/null |
    { sandbox_pipe sh -c 'exec <&-; echo closed; sleep 1; seq 100000 | tail -n 1; exit 8'; } \
    >"$work/out"
check_equal "a program that closes its input keeps its status" 8 "$(cat "$work/status")"
check_equal "and its output" $'closed\n100000' "$(cat "$work/out")"

produce 2>/dev/null | { sandbox_pipe sh -c 'head -c 100000 | wc -c; exit 9'; } >"$work/out"
check_equal "a program that reads a part of its input keeps its status" 9 "$(cat "$work/status")"
check_equal "and gets that part" 100000 "$(xargs <"$work/out")"

# Signals do not queue behind input that nobody reads.
mkfifo "$work/stuck.in"
stuck=''
start stuck -- sh -c 'trap "echo caught; exit 11" TERM; echo up; while :; do sleep 0.1; done'
(produce >"$work/stuck.in") 2>/dev/null &
wait_for_output stuck up
kill -TERM "$stuck"
finish stuck
check_status "a signal overtakes unread input" 11
check_stdout "and is caught" $'up\ncaught'

# --- output -----------------------------------------------------------------------------------

{ sandbox_pipe yes; } | head -n 1 >"$work/out"
check_equal "a reader that goes away ends the program as locally" 141 "$(cat "$work/status")"
check_equal "after it had its line" y "$(cat "$work/out")"
check_content "without a message" "" "$work/err"

{ sandbox_pipe sh -c 'head -c 30000000 /dev/zero; exit 12'; } | { sleep 3; wc -c; } >"$work/out"
check_equal "a slow reader loses nothing" 30000000 "$(xargs <"$work/out")"
check_equal "nor the status" 12 "$(cat "$work/status")"

sandbox -- sh -c 'seq 200000; exit 13'
check_status "output right before the end keeps the status" 13
check_equal "and arrives to the last line" 200000 "$(tail -n 1 "$stdout")"

done_testing
