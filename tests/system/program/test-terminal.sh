#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A program at a terminal behaves as if it ran here: keys, jobs, sizes, full screens; and whatever
# happens, our own terminal is left as it was.
# drivers: embed lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

export TERM=linux TERMINAL_LOG=$work/terminal.log
name=test-terminal-$$
shell=(-e "PS1=in> " -- bash --norc --noprofile -i)
# As it is typed into a shell on our side of the terminal.
typed="$VIRT_SANDBOX ${connect[*]} -n $name"

# at_terminal NAME SIZE [OPTIONS] PROGRAM… <STEPS
at_terminal() {
    local what=$1 size=$2
    shift 2
    on_terminal "$what" "$size" "$VIRT_SANDBOX" "${connect[@]}" -n "$name" "$@"
}

# --- a shell ----------------------------------------------------------------------------------

at_terminal "an interactive shell has its terminal, jobs and keys" 24x80 "${shell[@]}" <<'STEPS'
screen ^in>
mode raw
send stty size; tty; echo TERM=$TERM\r
expect 24 80
expect /dev/pts/0
expect TERM=linux
send echo to the con''trolling >/dev/tty\r
expect to the controlling
send ps -o tpgid=,pgid= -p $$ | xargs\r
send sleep 1000\r
sleep 0.5
send \x03
send echo status $?\r
expect status 130
send sleep 1001\r
sleep 0.5
send \x1a
expect Stopped
send jobs -l\r
expect Stopped +sleep 1001
send fg\r
expect sleep 1001
sleep 0.5
send \x03
send echo again $?\r
expect again 130
send sh -c 'trap "echo caught; exit 5" QUIT; echo set; while :; do sleep 0.1; done'\r
expect \rset
send \x1c
expect caught
send cat >/dev/null; echo end of in''put\r
sleep 0.5
send \x04
expect end of input
send sh -c 'trap "echo now \$(stty size)" WINCH; echo rea''dy; while :; do sleep 0.1; done'\r
expect ready
resize 50x200
expect now 50 200
resize 24x80
expect now 24 80
send \x03
send exit 7\r
end 7
mode original
STEPS

# --- full screens -----------------------------------------------------------------------------

seq -f 'line %g of the file' 500 >"$work/text"
cat >"$work/boxes.py" <<'END'
import curses


def draw(screen):
    # A signal that comes just before it waits for a key would be seen with the next key only.
    screen.timeout(200)
    while True:
        screen.erase()
        screen.border()
        rows, columns = screen.getmaxyx()
        screen.addstr(rows - 2, 1, f"{rows} rows {columns} columns")
        screen.refresh()
        if screen.getch() == ord("q"):
            return


curses.wrapper(draw)
END

# The last line is where these programs say where they are: they must know the size. What is typed
# before one of them has ended is thrown away by it.
full_screens() {
    local size=$1 other=$2
    local rows=${size%x*} columns=${size#*x}
    cat <<STEPS
screen ^in>
send vim.tiny -u NONE -c 'set ruler laststatus=2' /mnt/text; echo vim en''ded\\r
screen ^line 1 of the file\$
screen \\A(.*\\n){$((rows - 3))}line $((rows - 2)) of the file
resize $other
screen \\A(.*\\n){$((${other%x*} - 3))}line $((${other%x*} - 2)) of the file
send Gdd:wq! /tmp/changed\\r
expect vim ended
send tail -n 1 /tmp/changed; clear; less /mnt/text; echo less en''ded\\r
screen \\A(.*\\n){$((${other%x*} - 1))}/mnt/text
resize $size
send \\x0c
screen \\A(.*\\n){$((rows - 2))}line $((rows - 1)) of the file
send G
screen line 500 of the file\\n.*END
send q
expect less ended
send clear; top -d 1; echo top en''ded\\r
screen ^ *PID +USER
resize $other
screen (?s)COMMAND.*top
send q
expect top ended
send clear; /usr/bin/python3 /mnt/boxes.py; echo boxes en''ded\\r
screen ${other%x*} rows ${other#*x} columns
resize $size
screen \\A(.*\\n){$((rows - 2))}.$rows rows $columns columns
send q
expect boxes ended
send clear; stty -a | head -n 1\\r
screen rows $rows; columns $columns
send exit\\r
end 0
mode original
STEPS
}
if command -v vim.tiny less top >/dev/null; then
    for sizes in "24x80 50x200" "50x200 24x80"; do
        # shellcheck disable=SC2086
        at_terminal "vim, less, top and curses, $sizes" "${sizes% *}" \
            -m "host-bind:/mnt=$work,ro" -m ram:/tmp=16M "${shell[@]}" < <(full_screens $sizes)
    done
else
    skip "vim, less, top and curses" "vim.tiny, less or top is not installed"
fi

# --- whether there is one ---------------------------------------------------------------------

at_terminal "-T: no terminal, and ours stays as it is" 24x80 -T -- \
    sh -c 'tty; echo up; read line; echo "got $line"; exit 4' <<'STEPS'
expect not a tty
expect up
mode original
send hello\r
expect got hello
end 4
STEPS

sandbox -t -- sh -c 'tty; stty size; exit 6' </dev/null
check_status "-t without a terminal on our side" 6
check_stdout "is a terminal of the usual size" $'/dev/pts/0\r\n24 80\r'

printf 'one\ntwo\n' | { sandbox_pipe sh -c 'tty; cat'; } >"$stdout"
check_stdout "with a pipe there is none by itself" $'not a tty\none\ntwo'

# --- left as it was ---------------------------------------------------------------------------

stubborn='trap "" INT TERM HUP QUIT; echo up; while :; do sleep 0.1; done'
at_terminal "SIGTERM while the program runs" 24x80 -- sh -c 'echo up; exec sleep 1000' <<'STEPS'
expect up
mode raw
do kill -TERM $PID
end 143
mode original
STEPS

at_terminal "a crash of virt-sandbox" 24x80 -- sh -c "$stubborn" <<'STEPS'
expect up
mode raw
do kill -SEGV $PID
end -11
mode original
STEPS
check "after which the sandbox is gone, too" wait_until 10 no_host_process_of "$name"

at_terminal "a rare signal" 24x80 -- sh -c "$stubborn" <<'STEPS'
expect up
mode raw
do kill -ALRM $PID
end -14
mode original
STEPS

cat >"$work/kill-sandbox" <<END
$(declare -f host_process_of)
kill -KILL "\$(host_process_of $name)"
END
at_terminal "the end of the sandbox by force" 24x80 -- sh -c "$stubborn" <<STEPS
expect up
mode raw
do bash $work/kill-sandbox
end 125
mode original
expect virt-sandbox: the sandbox (was ended from outside|ended before its program did)
STEPS

# A shell that leaves the terminal as its jobs do.
on_terminal "SIGTSTP and SIGCONT of virt-sandbox" 24x80 env PS1='out> ' dash -i <<STEPS
screen ^out>
send $typed -e PS1='in> ' -- bash --norc -i\\r
screen ^in>
mode raw
do kill -TSTP \$(pgrep -P \$PID -x virt-sandbox)
screen Stopped
mode original
send echo still he\\'\\'re\\r
expect still here
resize 50x200
send fg\\r
mode raw
send stty size\\r
expect 50 200
send sleep 1000\\r
sleep 0.5
send \\x03
send exit 9\\r
mode original
send echo status \$?\\r
expect status 9
send exit\\r
end 0
STEPS

# --- leaving ----------------------------------------------------------------------------------

at_terminal "Ctrl-] three times ends a program that does not listen" 24x80 -- sh -c "$stubborn" <<'STEPS'
expect up
mode raw
send \x1d
sleep 1.2
send \x1d
sleep 1.2
send \x1d
sleep 1.2
do kill -0 $PID
send \x1d
send \x1d\x1d
end 137
mode original
STEPS
check_nothing_left "and leaves nothing" "$name"

at_terminal "Ctrl-] is for the program as long as it is not typed three times" 24x80 -- \
    sh -c 'stty raw -echo; echo up; head -c 3 | od -An -tx1; exit 3' <<'STEPS'
expect up
send \x1da
send \x1d
expect 1d 61 1d
end 3
STEPS

at_terminal "Ctrl-C before the program runs ends the sandbox" 24x80 -- sh -c "$stubborn" <<'STEPS'
do readlink /proc/$PID/exe | grep -q libs/virt-sandbox && grep -q '^SigBlk:.*[2367abef]$' /proc/$PID/status
send \x03
end 130
mode original
STEPS
check_nothing_left "and leaves nothing" "$name"

done_testing
