#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A program in a sandbox behaves as it does outside: status, arguments, environment.
# drivers: embed lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

# --- exit status ------------------------------------------------------------------------------

sandbox -- echo "hello world"
check_status "echo ends with 0" 0
check_stdout "echo prints its arguments" "hello world"
check_stderr "echo brings no messages" ""

sandbox sh -c 'echo out; echo err >&2; exit 7'
check_status "exit 7 is handed through, without --" 7
check_stdout "only stdout is on stdout" "out"
check_stderr "only stderr is on stderr" "err"

# Other ends of a program: test-status.sh.
sandbox -- /nonexistent/program
check_message "a missing program is 127" 127 "/nonexistent/program"

sandbox -- no-such-program-anywhere
check_message "a program that is not in PATH is 127" 127 "no-such-program-anywhere"

sandbox -- /usr
check_message "a directory is 126" 126 "/usr"

sandbox -- /etc/passwd
check_message "a file that is not executable is 126" 126 "/etc/passwd"

# --- other processes --------------------------------------------------------------------------

sandbox -- sh -c '(exec >/dev/null 2>&1; sleep 3; exit 9) & echo first; exit 4'
check_status "an orphan that outlives the program leaves its status alone" 4
check_stdout "nor does it lose the program's output" "first"

sandbox -- sh -c 'sh -c "(sleep 0.3; exit 9) &"; sleep 1; echo last
    for i in 1 2 3 4 5 6 7 8 9; do sh -c "sh -c \"exit $i\" &"; done; exit 5'
check_status "many that end before the program or with it leave its status alone" 5
check_stdout "the program goes on after its orphan ended" "last"

# --- arguments --------------------------------------------------------------------------------

mapfile -t many < <(seq -f 'argument %g' 1000)
long=$(head -c 100000 /dev/zero | tr '\0' x)
check_as_locally "1000 arguments, one of 100000 bytes and odd ones arrive to the byte" printf '[%s]\n' \
    "${many[@]}" "$long" \
    '' ' ' $'new\nline' $'trailing newline\n' $'tab\there' "it's" 'say "hi"' 'back\slash' \
    '$HOME `id` $(id)' 'grüße 日本語 🎉' $'\x01\x7f\xff\xfe' '--' '-c' '--help' '-n' 'a=b' '*' '%s' \
    '#' '~' $'\r'

sandbox echo -n --name --help
check_stdout_matches "options after the program are the program's" '^--name --help$'

# --- environment ------------------------------------------------------------------------------

# shellcheck disable=SC2016
SECRET=ours PASSED=$'passed=on\nline two' LC_TIME=C LANG=C.UTF-8 TZ=Asia/Tokyo LC_SECRET=ours COLORTERM=truecolor \
    sandbox -e $'ODD=a=b\nc="d" \\e grüße' -e EMPTY= -e LC_TIME=POSIX -e PASSED -e A=1 -e A=2 -- sh -c '
    printf "%s|%s|%s|%s\n" "$ODD" "${EMPTY-unset}" "$PASSED" "${SECRET-unset}"
    env | grep "^A="
    echo "$LANG $LC_TIME $TZ ${LC_SECRET-unset} ${COLORTERM-unset}" >&2
    getent hosts "$(hostname)" localhost | grep -c "^[1:]" >&2'
check_status "a program with -e runs" 0
check_stdout "values with = and newline arrive, KEY alone passes ours on, others stay outside, and the last of a name counts" \
    $'a=b\nc="d" \\e grüße||passed=on\nline two|unset\nA=2'
check_stderr "the caller's language and time zone go along, and the sandbox knows where it is" \
    $'C.UTF-8 POSIX Asia/Tokyo unset unset\n2'

# --- working directory ------------------------------------------------------------------------

sandbox -C /usr/bin -- ./env pwd
check_status "a program with a slash is found from the working directory" 0
check_stdout "which -C sets" /usr/bin

sandbox -C /nonexistent/directory -- true
check_message "a missing working directory is said" 125 "/nonexistent/directory"

sandbox -C /etc/passwd -- true
check_message "a working directory that is a file is said" 125 "/etc/passwd"

done_testing
