#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Of standard input a sandbox takes what its program has read; the next reader finds the rest.
# drivers: embed lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

export VIRT_SANDBOX
run_sandbox=(timeout -k 5 "$limit" "$VIRT_SANDBOX" "${connect[@]}")

# --- what nobody reads ------------------------------------------------------------------------

# Many in a row, but machines take their time.
if [ "$kind" = container ]; then lines=10; else lines=3; fi
seq -f 'line %g' 10 >"$work/list"
head -n "$lines" "$work/list" >"$work/loop"
once_a_line() {
    while read -r line; do
        "${run_sandbox[@]}" -- echo "got $line"
    done
}
once_a_line <"$work/loop" >"$stdout" 2>"$stderr"
check_content "a loop over the lines of a file runs for each" "$(sed 's/^/got /' "$work/loop")" "$stdout"
cat "$work/loop" | once_a_line >"$stdout" 2>"$stderr"
check_content "and so does one over those of a pipe" "$(sed 's/^/got /' "$work/loop")" "$stdout"

printf '%q ' "${run_sandbox[@]}" -- echo inside >"$work/script"
# shellcheck disable=SC2129 # one piece after the other
printf '\necho between\n' >>"$work/script"
printf '%q ' "${run_sandbox[@]}" -- sh -c 'read -r line; echo "inside: $line"' >>"$work/script"
printf '\nthis is input\necho after\n' >>"$work/script"
cat "$work/script" | bash >"$stdout" 2>"$stderr"
check_stdout "a script that comes through a pipe goes on after its sandboxes" \
    $'inside\nbetween\ninside: this is input\nafter'

# --- what is read in part ---------------------------------------------------------------------

# A program that stops in the middle of a line; then the rest, through PROGRAM's own standard input.
parts='head -c 5; exit 3'
{
    "${run_sandbox[@]}" -- sh -c "$parts" || status=$?
    echo " $status"
    cat
} <"$work/list" >"$stdout" 2>"$stderr"
check_content "of a file what was read is taken" "line  3"$'\n'"$(tail -c +6 "$work/list")" "$stdout"
cat "$work/list" | {
    "${run_sandbox[@]}" -- sh -c "$parts" || status=$?
    echo " $status"
    cat
} >"$stdout" 2>"$stderr"
check_content "of a pipe, too" "line  3"$'\n'"$(tail -c +6 "$work/list")" "$stdout"

# More than all that is on the way can be, to readers of all kinds: single bytes, lines, blocks.
seq -f 'line %g of many' 100000 >"$work/many"
readers='read -r a; read -r b; echo "$a, $b"; head -c 1000007 | md5sum; sleep 0.3; read -r c; echo "$c"'
expected=$(bash -c "$readers; cat | md5sum" < <(cat "$work/many"))
got=$(cat "$work/many" | {
    "${run_sandbox[@]}" -- bash -c "$readers" 2>"$stderr"
    md5sum
})
check_equal "much of a pipe is read, and the rest is there" "$expected" "$got"
got=$({
    "${run_sandbox[@]}" -- bash -c "$readers" 2>"$stderr"
    md5sum
} <"$work/many")
check_equal "and of a file" "$expected" "$got"

/usr/bin/python3 - "${run_sandbox[@]}" >"$stdout" 2>"$stderr" <<'END'
import socket
import subprocess
import sys

ours, theirs = socket.socketpair()
ours.sendall(b"first\nsecond\n")
print(subprocess.run(sys.argv[1:] + ["--", "head", "-c", "6"], stdin=theirs, stdout=subprocess.PIPE).stdout)
print(theirs.recv(100))
END
check_stdout "of a socket, too" $'b\'first\\n\'\nb\'second\\n\''

# What comes in the middle of a run comes at once.
mkfifo "$work/talk.in"
talk=''
exec 7<>"$work/talk.in"
start talk -- bash -c 'read -r a; echo "one: $a"; read -r b; echo "two: $b"; read -r -n 2 c; echo "three: $c"'
echo first >&7
check "a line is answered" wait_for_output talk "one: first"
echo second >&7
check "and so is the next" wait_for_output talk "two: second"
echo third >&7
finish talk
check_equal "the last is read in part" "three: th" "$(tail -n 1 "$stdout")"
read -r -t 10 line <&7
check_equal "and the rest is there" ird "$line"
exec 7>&-

# --- what ends early --------------------------------------------------------------------------

if [ "$kind" = container ]; then seconds=3; else seconds=20; fi
{
    "${run_sandbox[@]}" --timeout "$seconds" -- sh -c 'head -c 7; sleep 1000'
    cat
} <"$work/list" >"$stdout" 2>"$stderr"
check_content "a program that ran out of time has taken what it read" "$(cat "$work/list")" "$stdout"

# --- no input ---------------------------------------------------------------------------------

{
    "${run_sandbox[@]}" --no-stdin -- sh -c 'cat; echo end'
    cat
} <"$work/list" >"$stdout" 2>"$stderr"
check_content "--no-stdin: a program that reads finds nothing, and takes nothing" \
    "end"$'\n'"$(cat "$work/list")" "$stdout"

done_testing
