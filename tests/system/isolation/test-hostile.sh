#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A guest whose init has been taken over can do nothing to the host side: see hostile-init.c for
# what it tries.
# drivers: embed lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"
# shellcheck source=tests/system/hostile.sh
. "$TEST_DIRECTORY/hostile.sh"

# --- in silence, which takes two minutes ------------------------------------------------------

# A first machine brings its boot image to be made, which is not what is measured here.
sandbox -n "$name" -- garbage

# begin_silence WHAT: beside all others; when it has ended its file has the memory that it had, and the seconds it took.
begin_silence() {
    began=$SECONDS
    start "$1" -n "$name-${1//_/-}" -- "${1//_/-}"
    { peak_of "${!1}" && echo $((SECONDS - began)); } >"$work/$1.peak" &
}

# check_given_up WHAT: after two minutes, with one line.
check_given_up() {
    local seconds
    finish "$1"
    wait_until 10 test -s "$work/$1.peak"
    { read -r peak && read -r seconds; } <"$work/$1.peak"
    check_message "a guest that is given up: $1" 125 "did not start"
    check "after two minutes ($1)" test "${seconds:-999}" -lt 150
    check_modest "a guest that says nothing ($1)" "$name-${1//_/-}"
}

silence='' half_header='' silent=(silence)
[ "$kind" = machine ] || silent+=(half_header)
limit=300
for what in "${silent[@]}"; do
    begin_silence "$what"
done
limit=150

# --- against the protocol ---------------------------------------------------------------------

early="garbage long-hello exit-first"
late="long-data data-after-end exit-before-end keys-taken"
if [ "$kind" = container ]; then
    early+=" zeros other-version short-hello ready-first"
    late+=" longer-data long-optional empty-data unknown-type unknown-flags unknown-stream
        data-on-stdin taken-too-much taken-on-stdout data-on-keys keys-credit keys-wanted credit-on-stdout empty-credit end-twice second-hello third-ready host-signal
        host-winsize host-quit exit-of-no-kind exit-too-large"
fi
for what in $early $late; do
    check_broken "$what"
done

# The host side grants again what has left it: here nothing does, until the guest has sent more than that. Were it
# read while a slow machine starts, all would be granted, and nothing but the time limit would end the guest.
{ sandbox_pipe no-credit; } | { wait_until "$limit" is_full_pipe 0; sleep 10; cat >/dev/null; }
check_equal "output without credit is found out" \
    "125 virt-sandbox: the guest broke the wire protocol: more output than was asked for" \
    "$(cat "$work/status" "$work/err" | xargs)"

# --- dead before its program runs -------------------------------------------------------------

if [ "$kind" = machine ]; then
    for what in die die-loudly; do
        check_broken "$what" "the last words of its log: Kernel panic - not syncing: Attempted to kill init"
    done
else
    check_broken die "the sandbox ended before its program did"
fi

# --- words for the terminal -------------------------------------------------------------------

check_broken fail-escapes '\\x1b\[2J\\x1b\]0;title\\x07.*virt-sandbox: second line'
check_broken fail-late '\\x1b\[2J'

hostile -d -- log
check_status "a log full of escape sequences" 0
check_stdout "is not on stdout" ""
check "is on stderr with --debug" grep -qF '^[[2J^[[31mred\x9b31m^H' "$stderr"
check_modest "a log full of escape sequences"

# --- after the end ----------------------------------------------------------------------------

hostile -- exit-then-data
check_status "what comes after the exit counts for nothing" 5
check_stdout "on stdout" ""
check_stderr "on stderr" ""
check_modest "after the exit"

then=$(now)
hostile -- exit-and-stay
check_status "a guest that stays after its exit" 6
check "is ended soon" test $(($(now) - then)) -lt 30000
check_modest "a guest that stays"

# --- in great numbers -------------------------------------------------------------------------

# To the host side they are the same, and an emulated processor makes them for minutes.
if [ "$kind" = container ]; then
    hostile -- small-frames
    check_status "a million small frames" 3
    check_modest "a million small frames"

    hostile -- small-data
    check_status "a million bytes one by one" 4
    check_equal "all arrive" 1200000 "$(wc -c <"$stdout")"
    check_modest "a million bytes one by one"
fi

began=$SECONDS
{ sandbox_pipe trickle; } | { sleep 3 && wc -c; } >"$work/trickled"
check_equal "two long frames byte by byte, to a slow reader" "131072 7" \
    "$(xargs <"$work/trickled") $(cat "$work/status")"

check_broken clock-flood "the guest does not read what it asked for"
ended_by_force "a guest that floods" -- flood
mkfifo "$work/hostile.in"
(exec cat /dev/zero >"$work/hostile.in") 2>/dev/null &
ended_by_force "a guest that asks for all input and takes none" -- credit-flood
rm "$work/hostile.in"
ended_by_force "a guest that is busy" -- busy

# --- in the middle of a frame -----------------------------------------------------------------

ended_by_force "half a frame" -- half-frame
[ "$kind" = machine ] || ended_by_force "half a long frame" -- long-half-frame

# The port of a machine has no end that the host would see.
[ "$kind" = machine ] || check_broken close "the sandbox ended before its program did"

# --- at a terminal ----------------------------------------------------------------------------

on_terminal "Ctrl-] three times ends a guest that takes no input" 24x80 \
    "$VIRT_SANDBOX" "${connect[@]}" -n "$name" -- ignore <<'STEPS'
mode raw
send \x1d\x1d\x1d
expect virt-sandbox: the sandbox did not end its program when it was told to
end 125
mode original
STEPS
check_nothing_left "and leaves nothing" "$name"

on_terminal "and one that refuses any" 24x80 \
    "$VIRT_SANDBOX" "${connect[@]}" -n "$name" -- no-input <<'STEPS'
mode raw
sleep 1
send \x1d\x1d\x1d
expect virt-sandbox: the sandbox did not end its program when it was told to
end 125
mode original
STEPS

# Where what is typed comes beside the standard input.
on_terminal "it cannot have read keys that nobody typed" 24x80 \
    sh -c 'exec "$@" </dev/null' - "$VIRT_SANDBOX" "${connect[@]}" -n "$name" -- keys-taken <<'STEPS'
expect virt-sandbox: the guest broke the wire protocol: its program has read more than there was
end 125
mode original
STEPS

on_terminal "and Ctrl-] three times ends one that wants all keys and takes none" 24x80 \
    sh -c 'exec "$@" </dev/null' - "$VIRT_SANDBOX" "${connect[@]}" -n "$name" -- keys-wanted <<'STEPS'
mode raw
send \x1d\x1d\x1d
expect virt-sandbox: the sandbox did not end its program when it was told to
end 125
mode original
STEPS
check_nothing_left "and leaves nothing" "$name"

# --- without its caller -----------------------------------------------------------------------

# outlive PROGRAM: kills the caller of a sandbox that runs it.
outlive() {
    start hostile -n "$name" -- "$1"
    wait_until "$limit" host_process_of "$name"
    if [ "$kind" = container ]; then sleep 2; else sleep 10; fi
    kill_caller hostile "$name"
}

# What a busy host makes slow is not always slow.
for what in ignore spin; do
    took=none
    for attempt in 1 2 3 4 5; do
        outlive "$what" || break
        [ "$took" -ge 2000 ] || break
    done
    check "a guest that would stay ($what) ends with its caller within 2 seconds ($took ms, try $attempt)" \
        test "$took" -lt 2000
done

limit=300
for what in "${silent[@]}"; do
    check_given_up "$what"
done

done_testing
