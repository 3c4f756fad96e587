#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Of a program of which not all standard streams are the terminal: it has what it would have here, its keys come
# from the terminal, and nobody else's are taken.
# drivers: embed lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

export TERM=linux TERMINAL_LOG=$work/terminal.log
name=test-keys-$$
seq -f 'line %g of the file' 200 >"$work/text"
chmod a+rx "$work"
# As it is typed into a shell on our side of the terminal.
typed="$VIRT_SANDBOX ${connect[*]} -n $name"

# at_terminal NAME COMMAND <STEPS: a command line of a shell.
at_terminal() {
    on_terminal "$1" 24x80 bash -c "$2"
}

# --- what is a terminal -----------------------------------------------------------------------

cat >"$work/what" <<'END'
for stream in 0 1 2; do
    test -t "$stream" && what="$what$stream" || what="$what-"
done
if (: </dev/tty) 2>/dev/null; then what="$what tty"; fi
echo "$what" >/mnt/what
END
mkdir "$work/out"
chmod a+rwx "$work/out"
cp "$work/what" "$work/out/script"

# check_streams REDIRECTIONS EXPECTED
check_streams() {
    at_terminal "with \"$1\"" "$typed -m host-bind:/mnt=$work/out -- sh /mnt/script $1" <<'STEPS'
end 0
mode original
STEPS
    check_equal "the terminal is $2" "$2" "$(cat "$work/out/what")"
    rm -f "$work/out/what"
}
check_streams "" "012 tty"
check_streams "</dev/null" "-12 tty"
check_streams ">/dev/null" "0-2 tty"
check_streams "</dev/null >/dev/null" "--2"
if [ "$kind" = container ]; then
    check_streams "2>/dev/null" "01- tty"
    check_streams "</dev/null 2>/dev/null" "-1- tty"
    check_streams ">/dev/null 2>/dev/null" "---"
    check_streams "</dev/null >/dev/null 2>/dev/null" "---"
fi

# --- keys beside the input --------------------------------------------------------------------

if command -v less >/dev/null; then
    at_terminal "less shows what comes through a pipe" "cat $work/text | $typed -- less" <<'STEPS'
screen \A(.*\n){21}line 22 of the file
mode raw
resize 50x200
screen \A(.*\n){47}line 48 of the file
send G
screen line 200 of the file
send q
end 0
mode original
STEPS
    at_terminal "a pager behind it has its keys for itself" \
        "$typed -- seq -f 'line %g of the output' 300 | less" <<'STEPS'
screen \A(.*\n){21}line 22 of the output
send G
screen line 300 of the output
send q
end 0
mode original
STEPS
else
    skip "less" "it is not installed"
fi

at_terminal "a question is answered at the terminal, and the input is left alone" \
    "{ $typed -- sh -c 'head -c 7; read -r key </dev/tty; echo \"got \$key\"'; cat; } <$work/text" <<'STEPS'
expect line 1
mode raw
send an answer\r
expect got an answer
expect line 2 of the file
expect line 200 of the file
end 0
mode original
STEPS

at_terminal "errors that go elsewhere are a stream of their own" \
    "$typed -- sh -c 'echo out; echo err >&2; exit 3' </dev/null 2>$work/errors" <<'STEPS'
expect out
absent err
end 3
mode original
STEPS
check_equal "with nothing added to a line" err "$(cat "$work/errors")"

at_terminal "a terminal for errors alone has no keys" \
    "$typed -- sh -c 'read -r key </dev/tty || echo no keys >&2; exit 4' </dev/null | cat; exit \${PIPESTATUS[0]}" <<'STEPS'
expect no keys
end 4
mode original
STEPS

at_terminal "Ctrl-C reaches the program before it reads keys, and after" \
    "$typed -- sh -c 'trap \"echo one; trap - INT; read -r key </dev/tty\" INT; echo up; while :; do sleep 0.1; done' </dev/null" <<'STEPS'
expect up
mode original
send \x03
expect one
mode raw
send \x03
end 130
mode original
STEPS

at_terminal "Ctrl-] three times ends a program that wants keys and does not listen" \
    "$typed -- sh -c 'trap \"\" INT TERM HUP QUIT; echo up; while :; do read -r key </dev/tty; done' </dev/null" <<'STEPS'
expect up
mode raw
send \x1d\x1d\x1d
end 137
mode original
STEPS
check_nothing_left "and leaves nothing" "$name"

# --- keys for others --------------------------------------------------------------------------

on_terminal "what is typed while a program works through a list stays for the shell" 24x80 \
    env "PS1=out> " bash --norc --noprofile -i <<STEPS
screen ^out>
send $typed -- sh -c 'cat; echo up; sleep 4' <$work/text\\r
expect up\\r
send echo typed a\'\'head\\r
expect typed ahead\\r
send exit\\r
end 0
mode original
STEPS

on_terminal "a job in the background takes no keys" 24x80 env "PS1=out> " bash --norc --noprofile -i <<STEPS
screen ^out>
send $typed -- sh -c 'tty >&2; read -r key </dev/tty || echo no keys' </dev/null &\\r
expect not a tty
expect no keys
send echo still he\\'\\'re\\r
expect still here
absent Stopped
send exit\\r
end 0
mode original
STEPS

at_terminal "--no-stdin: nothing of ours is read" \
    "$typed --no-stdin -- sh -c 'tty; read -r key </dev/tty || echo no keys'" <<'STEPS'
expect not a tty
expect no keys
end 0
mode original
STEPS

if [ "$kind" = container ]; then
    at_terminal "several at one terminal leave it as it was" \
        "seq 3 | xargs -P 3 -n 1 $VIRT_SANDBOX ${connect[*]} -- sh -c 'read -r key </dev/tty; echo \"end \$0 \$key\"'" <<'STEPS'
mode raw
sleep 3
send a\r
sleep 1
send b\r
sleep 1
send c\r
expect end
expect end
expect end
end 0
mode original
STEPS
fi

# --- what nobody reads any more ---------------------------------------------------------------

"$VIRT_SANDBOX" "${connect[@]}" -n "$name" -- yes 2>"$stderr" | head -n 1 >"$stdout"
check_equal "a broken pipe ends the program by SIGPIPE" 141 "${PIPESTATUS[0]}"
check_stdout "after what was read" y
check_stderr "without a word" ""
at_terminal "at a terminal, too" "$typed -- yes | head -n 1; exit \${PIPESTATUS[0]}" <<'STEPS'
expect ^y
end 141
mode original
STEPS

done_testing
