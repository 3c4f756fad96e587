# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the system tests share. A test runs something, then makes any number of checks on it:
#
#   sandbox sh -c 'echo hello; exit 7'
#   check_status "the program's status is ours" 7
#   check_stdout "its output is ours" "hello"
#
# Every check is a test point. One that fails shows what was run, its status and its output.

: "${DRIVER:?the runner sets it}" "${VIRT_SANDBOX:?the runner sets it}"
set -u

count=0
# The runner removes it if we cannot.
work=$(mktemp -d)
chmod 755 "$work"
trap clean_up EXIT
last_command='' status=0
stdout=$work/stdout stderr=$work/stderr
: >"$stdout"
: >"$stderr"

# connect: the options that choose the driver; kind: what it makes.
# shellcheck disable=SC2034
case $DRIVER in
    embed | embed-user | none) connect=() kind=machine uri= ;;
    session) uri=qemu:///session connect=(-c qemu:///session) kind=machine ;;
    system) uri=qemu:///system connect=(-c qemu:///system) kind=machine ;;
    lxc) uri=lxc:/// connect=(-c lxc:///) kind=container ;;
esac

# Where sandboxes keep their state on this host.
if [ "$(id -u)" = 0 ]; then
    state_directory=/run/libvirt-sandbox
else
    state_directory=$XDG_RUNTIME_DIR/libvirt-sandbox
fi

# A sandbox that hangs shall not take the rest of the file with it.
limit=150

# A test that has more to clean up defines this anew, and calls remove_work.
clean_up() {
    remove_work
}

remove_work() {
    # Bash runs this in background jobs that are killed early, too.
    [ "$BASHPID" != $$ ] || rm -rf "$work"
}

# --- running ----------------------------------------------------------------------------------

# run COMMAND…: leaves $status, and the files $stdout and $stderr.
run() {
    last_command=$*
    timeout -k 5 "$limit" "$@" >"$stdout" 2>"$stderr"
    status=$?
}

# sandbox [OPTIONS] PROGRAM [ARGS…]
sandbox() {
    run "$VIRT_SANDBOX" "${connect[@]}" "$@"
}

# sandbox_pipe PROGRAM…: as part of a pipeline; leaves $work/status and $work/err.
sandbox_pipe() {
    timeout -k 5 "$limit" "$VIRT_SANDBOX" "${connect[@]}" -- "$@" 2>"$work/err"
    echo $? >"$work/status"
}

# start NAME_OF_VARIABLE [OPTIONS] PROGRAM…: in the background, its pid in the variable, its
# output in $work/VARIABLE.out and .err. It reads from the fifo $work/VARIABLE.in if that exists.
start() {
    local variable=$1
    local input=/dev/null
    shift
    [ ! -p "$work/$variable.in" ] || input=$work/$variable.in
    last_command="$VIRT_SANDBOX ${connect[*]} $*"
    # The job empties them in its own time, when somebody may have read what an earlier one of the name said.
    : >"$work/$variable.out"
    : >"$work/$variable.err"
    # A shell starts background jobs with SIGINT and SIGQUIT ignored.
    env --default-signal=INT,QUIT "$VIRT_SANDBOX" "${connect[@]}" "$@" \
        <"$input" >"$work/$variable.out" 2>"$work/$variable.err" &
    printf -v "$variable" %s $!
}

# finish VARIABLE: waits for what start started; then as after run.
finish() {
    local variable=$1
    local pid=${!1}
    wait_until "$limit" has_ended "$pid" || kill -KILL "$pid"
    wait "$pid" 2>/dev/null
    status=$?
    cp "$work/$variable.out" "$stdout"
    cp "$work/$variable.err" "$stderr"
}

# Whether what waits in the pipe of a descriptor is all that it holds, but for the ends of its pages.
is_full_pipe() {
    /usr/bin/python3 -c 'import array, fcntl, sys, termios
waiting = array.array("i", [0])
fcntl.ioctl(int(sys.argv[1]), termios.FIONREAD, waiting)
sys.exit(waiting[0] < 60000)' "$1"
}

has_ended() {
    ! kill -0 "$1" 2>/dev/null
}

# wait_until SECONDS COMMAND…: tries COMMAND until it succeeds.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -le "$deadline" ] || return 1
        sleep 0.1
    done
}

# wait_for_output VARIABLE TEXT: until what start started has said so, which it does no more once it has ended.
wait_for_output() {
    wait_until "$limit" has_said_or_ended "${!1}" "$2" "$work/$1.out" && grep -q -- "$2" "$work/$1.out"
}

has_said_or_ended() {
    grep -q -- "$2" "$3" || has_ended "$1"
}

# virsh at the driver under test.
virsh_here() {
    virsh -q -c "$uri" "$@"
}

# The process of a machine or of a container's controller, by the name of its domain.
host_process_of() {
    local file
    local words=()
    for file in $(grep -lzE "^(guest=$1(,.*)?|$1)\$" /proc/[0-9]*/cmdline 2>/dev/null); do
        { mapfile -d '' -t words <"$file"; } 2>/dev/null || continue
        # Others have the name for an argument, too.
        [[ ${words[0]-} = libvirt_lxc || ${words[0]-} = */libvirt_lxc || " ${words[*]} " = *" guest=$1"[,\ ]* ]] || continue
        file=${file#/proc/}
        echo "${file%/cmdline}"
        return
    done
    return 1
}

no_host_process_of() {
    ! host_process_of "$1"
}

# Whether QEMU is given trees that were made for it: only then the host's side holds against a guest with all rights.
shows_trees() {
    "$VIRT_SANDBOX" "${connect[@]}" --validate 2>/dev/null | grep -q '^PASS  shared directories: '
}

# Milliseconds.
now() {
    echo $(($(date +%s%N) / 1000000))
}

# A process that nobody has waited for yet has no program any more.
is_dead() {
    ! readlink "/proc/$1/exe" >/dev/null
}

# kill_caller VARIABLE NAME: kills what start started; leaves in $took after how many milliseconds the
# process of its sandbox was dead. FALSE if it was not there before, or is still there later.
kill_caller() {
    local caller=${!1}
    local process 'then'
    process=$(host_process_of "$2") || return 1
    then=$(now)
    kill -KILL "$caller"
    wait_until 20 is_dead "$process" || return 1
    took=$(($(now) - then))
    wait_until 20 no_host_process_of "$2" || return 1
    ! wait "$caller" 2>/dev/null
}

# --- checking ---------------------------------------------------------------------------------

one_line() {
    local text=${1//$'\n'/ }
    echo "${text//#/}"
}

comment() {
    sed 's/^/#     /'
}

pass() {
    count=$((count + 1))
    echo "ok $count - $(one_line "$1")"
}

# flunk NAME [WHAT IS WRONG]
flunk() {
    count=$((count + 1))
    echo "not ok $count - $(one_line "$1")"
    [ $# -lt 2 ] || comment <<<"$2"
    echo "#   command: $(one_line "${last_command:0:600}")"
    echo "#   status: $status"
    echo "#   stdout:"
    head -c 4000 "$stdout" | cat -v | comment
    echo "#   stderr:"
    head -c 4000 "$stderr" | cat -v | comment
}

skip() {
    count=$((count + 1))
    echo "ok $count - $(one_line "$1") # SKIP $(one_line "$2")"
}

skip_all() {
    echo "1..0 # SKIP $*"
    exit 0
}

# check NAME COMMAND…: COMMAND succeeds.
check() {
    local name=$1
    shift
    if "$@"; then pass "$name"; else flunk "$name" "failed: $*"; fi
}

check_equal() {
    if [ "$2" = "$3" ]; then pass "$1"; else flunk "$1" "expected: $2"$'\n'"     got: $3"; fi
}

check_status() {
    check_equal "$1" "$2" "$status"
}

# check_stdout NAME TEXT: all of it, and a last newline if there is any TEXT.
check_stdout() {
    check_content "$1" "$2" "$stdout"
}

check_stderr() {
    check_content "$1" "$2" "$stderr"
}

check_content() {
    local name=$1 text=$2 file=$3
    if [ -n "$text" ]; then printf '%s\n' "$text"; fi >"$work/expected"
    if cmp -s "$work/expected" "$file"; then
        pass "$name"
    else
        flunk "$name" "$(diff -a "$work/expected" "$file" | head -n 20 | cut -c 1-300)"
    fi
}

# The local run of the same program says what is right: its status and output, to the byte.
check_as_locally() {
    local name=$1
    shift
    timeout "$limit" "$@" >"$work/local" 2>"$work/local.err" </dev/null
    local expected=$?
    sandbox -- "$@" </dev/null
    if [ "$status" = "$expected" ] && cmp -s "$work/local" "$stdout" &&
        cmp -s "$work/local.err" "$stderr"; then
        pass "$name"
    else
        flunk "$name" "locally: status $expected, $(wc -c <"$work/local") bytes"
    fi
}

check_stdout_matches() {
    if grep -qE -- "$2" "$stdout"; then pass "$1"; else flunk "$1" "no line matches: $2"; fi
}

# check_message NAME STATUS REGEX: exactly one line on stderr, ours, and nothing on stdout.
check_message() {
    local name=$1 expected=$2 pattern=$3
    if [ "$status" != "$expected" ]; then
        flunk "$name" "expected status $expected"
    elif [ -s "$stdout" ]; then
        flunk "$name" "something on stdout"
    elif [ "$(wc -l <"$stderr")" != 1 ]; then
        flunk "$name" "not exactly one line on stderr"
    elif ! grep -qE -- "^virt-sandbox: .*($pattern)" "$stderr"; then
        flunk "$name" "expected: virt-sandbox: … $pattern"
    else
        pass "$name"
    fi
}

# value NAME: of a line NAME=… that a probe inside printed.
value() {
    sed -n "s/^$1=//p" "$stdout" | head -n 1
}

check_value() {
    check_equal "$1" "$3" "$(value "$2")"
}

# on_terminal NAME SIZE COMMAND… <STEPS: all steps went through, see the program "terminal".
on_terminal() {
    local what=$1
    shift
    limit=900 run "$TEST_DIRECTORY/terminal" "$@"
    check_equal "$what" 0 "$status"
}

# Nothing of a sandbox is on the host: state directory, process, domain.
check_nothing_left() {
    local name=$1 sandbox_name=$2
    local left='' attempt
    [ ! -e "$state_directory/$sandbox_name" ] || left+=" $state_directory/$sandbox_name"
    ! host_process_of "$sandbox_name" >/dev/null || left+=" a process"
    if [ -n "$uri" ]; then
        # libvirt strikes it off its list up to 200 ms after the last process has ended.
        for attempt in {1..20}; do
            virsh_here list --all --name | grep -qxF -- "$sandbox_name" || break
            [ "$attempt" != 20 ] || left+=" a domain"
            sleep 0.1
        done
    fi
    [ "$DRIVER" != lxc ] || left+=$(printf ' %s' /run/libvirt/lxc/"$sandbox_name".* | grep -v '\*')
    if [ -z "$left" ]; then pass "$name"; else flunk "$name" "left:$left"; fi
}

done_testing() {
    echo "1..$count"
}
