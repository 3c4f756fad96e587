#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Where there is no terminal, or one that is not ours: nothing stops, hangs or is changed.
# drivers: embed lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

export TERM=linux TERMINAL_LOG=$work/terminal.log
typed="$VIRT_SANDBOX ${connect[*]}"

# --- pipes ------------------------------------------------------------------------------------

both='echo out; echo err >&2; tty; exit 3'
run setsid -w "$VIRT_SANDBOX" "${connect[@]}" -- sh -c "$both" </dev/null
check_status "without a controlling terminal, as in a daemon" 3
check_stdout "nothing is added to a line" $'out\nnot a tty'
check_stderr "of either stream" "err"

run env -i PATH=/usr/bin:/bin LOGNAME=root setsid -w \
    "$VIRT_SANDBOX" "${connect[@]}" -- sh -c "$both" </dev/null
check_status "with hardly an environment, as in cron" 3
check_stdout "that is enough" $'out\nnot a tty'

# --- closed streams ---------------------------------------------------------------------------

# Which of 0, 1 and 2 are closed, and what then comes out.
closed_streams() {
    local closed=$1 expected_out=$2 expected_err=$3
    local redirections=
    local digit
    # shellcheck disable=SC2001 # digit by digit
    for digit in $(sed 's/./& /g' <<<"$closed"); do
        redirections+=" $digit>&-"
    done
    rm -f "$work/out" "$work/err"
    run bash -c "exec >$work/out 2>$work/err </dev/null; exec$redirections; exec \"\$@\"" - \
        "$VIRT_SANDBOX" "${connect[@]}" -- sh -c 'cat; echo out; echo err >&2; exit 5'
    check_status "descriptors $closed closed: it runs and ends" 5
    check_equal "and only the open ones are written to" "$expected_out|$expected_err" \
        "$(cat "$work/out")|$(cat "$work/err")"
}
closed_streams 0 out err
closed_streams 1 "" err
closed_streams 2 out ""
closed_streams 01 "" err
closed_streams 02 out ""
closed_streams 12 "" ""
closed_streams 012 "" ""

# --- in the background of a shell -------------------------------------------------------------

on_terminal "a background job neither stops nor touches the terminal" 24x80 \
    env "PS1=out> " bash --norc --noprofile -i <<STEPS
screen ^out>
send stty tostop; $typed -- sh -c 'tty; echo in the background; exit 3' &\\r
expect \\[1\\]
expect not a tty
expect in the background
send echo still he\\'\\'re\\r
expect still here
send wait \$!; echo status \$?\\r
expect status 3
absent Stopped
send stty -tostop; exit\\r
end 0
mode original
STEPS

on_terminal "a background job gets its input when it is brought to the front" 24x80 \
    env "PS1=out> " bash --norc --noprofile -i <<STEPS
screen ^out>
send $typed -- sh -c 'echo up; read line; echo got \$line; exit 4' &\\r
expect up\\r
send echo still mi\\'\\'ne\\r
expect still mine
sleep 1
absent Stopped
send fg\\r
expect fg\\r\\n
sleep 0.5
send for the sandbox\\r
expect got for the sandbox
expect out>
send echo status \$?\\r
expect status 4
send exit\\r
end 0
mode original
STEPS

on_terminal "a terminal that is asked for in the background is taken in the front" 24x80 \
    env "PS1=out> " bash --norc --noprofile -i <<STEPS
screen ^out>
send $typed -t -e 'PS1=in> ' -- bash --norc --noprofile -i &\\r
expect in>
send echo still mi\\'\\'ne\\r
expect still mine
absent Stopped
send fg\\r
mode raw
send stty size\\r
expect 24 80
send exit 6\\r
expect out>
send echo status \$?\\r
expect status 6
send exit\\r
end 0
mode original
STEPS

on_terminal "what is typed ahead of a program that does not read stays for the shell" 24x80 \
    env "PS1=out> " bash --norc --noprofile -i <<STEPS
screen ^out>
send $typed -T -- sh -c 'echo up; while :; do sleep 0.1; done'\\r
expect up\\r
send echo typed a\'\'head\\r
sleep 0.5
do kill -TERM \$(pgrep -P \$PID -x virt-sandbox)
expect typed ahead\\r
send exit\\r
end 0
STEPS

# --- hanging up -------------------------------------------------------------------------------

ignoring=''
start ignoring -- sh -c 'trap "echo caught; exit 7" HUP; echo up; while :; do sleep 0.1; done'
wait_for_output ignoring up
kill -HUP "$ignoring"
finish ignoring
check_status "SIGHUP reaches the program" 7

(
    trap '' HUP
    "$VIRT_SANDBOX" "${connect[@]}" -- sh -c 'echo up; sleep 3; exit 8' </dev/null >"$work/out" 2>&1 &
    echo $! >"$work/pid"
    wait $!
    echo $? >"$work/status"
) &
wait_until "$limit" grep -q up "$work/out"
kill -HUP "$(cat "$work/pid")"
wait
check_equal "unless it is ignored, as after nohup" 8 "$(cat "$work/status")"

done_testing
