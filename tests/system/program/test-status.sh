#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Every end of a program, and of a sandbox before it, has its status and at most one line.
# drivers: embed lxc session system

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

name=test-status-$$
broken=''

# broken NAME MILLISECONDS: what start started has ended with 125 and one line, since then in time.
check_broken() {
    local what=$1 took=$2
    check_status "$what is 125" 125
    check_equal "$what: with one line that says so" 1 "$(grep -c '' "$stderr")"
    check "$what: which is ours" grep -q '^virt-sandbox: ' "$stderr"
    check "$what: within 5 seconds" test "$took" -lt 5000
    check_nothing_left "$what: and leaves nothing" "$name"
}

# --- of the program ---------------------------------------------------------------------------

if [ "$DRIVER" = lxc ]; then
    # The ends, what has a meaning of its own, and the neighbours of both.
    statuses="0 1 2 63 64 77 123 124 125 126 127 128 129 130 137 143 192 254 255"
    # Those that end a program, and the first and last that have no name; 32 and 33 are the C library's own.
    signals="$(seq 1 16) $(seq 24 27) 29 30 31 34 35 63 64"
elif [ "$DRIVER" = embed ]; then
    # They come the same way.
    statuses="1 125 255"
    signals="9 64"
else
    statuses='' signals=''
fi

if [ -n "$statuses" ]; then
    wrong=
    for expected in $statuses; do
        sandbox -- sh -c "exit $expected"
        [ "$status" = "$expected" ] && [ ! -s "$stderr" ] || wrong+=" $expected:$status"
    done
    check_equal "exit statuses are handed through" "" "$wrong"

    wrong=
    for signal in $signals; do
        sandbox -- sh -c "ulimit -c 0; kill -$signal \$\$; sleep 5"
        [ "$status" = $((128 + signal)) ] && [ ! -s "$stderr" ] || wrong+=" $signal:$status"
    done
    check_equal "signals are 128 and their number" "" "$wrong"

    sandbox -C /tmp -m ram:/tmp=64M -- sh -c 'ulimit -c unlimited; kill -SEGV $$'
    check_status "a core dump changes nothing" 139
fi

# --- of a machine, from inside ----------------------------------------------------------------

# check_death WHAT COMMAND: COMMAND, in a machine with privileges, is the end of it.
check_death() {
    local what=$1 command=$2
    local 'then'
    start broken -n "$name" -p -- sh -c "echo up; sleep 0.5; $command; sleep 60"
    wait_for_output broken up
    then=$(now)
    finish broken
    check_broken "$what" $(($(now) - then - 500))
}
if [ "$DRIVER" = embed ]; then
    check_death "a kernel panic" 'echo c >/proc/sysrq-trigger'
    check_death "reboot -f inside" 'echo b >/proc/sysrq-trigger'
    check_death "poweroff -f inside" 'echo o >/proc/sysrq-trigger'
fi

# --- of a sandbox, from outside ---------------------------------------------------------------

# The processes that have PROCESS as their parent.
children_of() {
    cat /proc/"$1"/task/*/children 2>/dev/null
}

libvirtd() {
    pgrep -x libvirtd
}

# In which directory libvirtd notes what it started differs; a new one starts where it is asked to.
bring_up_libvirtd() {
    if [ "$DRIVER" = session ]; then
        # The next client starts it.
        wait_until 10 virsh_here uri
        return
    fi
    rm -f /run/libvirtd.pid
    env -i PATH="$PATH" LC_ALL=C setsid libvirtd </dev/null >/dev/null 2>&1 &
    wait_until 30 virsh_here uri
}

restart_libvirtd() {
    bring_up_libvirtd
    # libvirt 9.0 goes on listing a container that ended while no libvirtd was there, until our next.
    [ "$DRIVER" != lxc ] || check "the next sandbox of the name starts in a new libvirtd" start_next
}

# The name is not $name, which is that of the check here.
start_next() {
    "$VIRT_SANDBOX" "${connect[@]}" -n "test-status-$$" -- true 2>"$work/next.err" || ! cat "$work/next.err"
}

domain_is_gone() {
    ! virsh_here list --all --name | grep -qxF "$name"
}

kill_host_process() {
    kill -KILL "$(host_process_of "$name")"
}

kill_libvirtd() {
    # shellcheck disable=SC2046
    kill -KILL $(libvirtd)
}

# check_killed WHAT HOW STATUS: kills while the program runs.
check_killed() {
    local what=$1
    local 'then'
    shift
    start broken -n "$name" -- sh -c 'echo up; sleep 1000'
    wait_for_output broken up
    then=$(now)
    "$@"
    finish broken
    local took=$(($(now) - then))
    [ "$1" != kill_libvirtd ] || restart_libvirtd
    check "$what: its process is gone" wait_until 5 no_host_process_of "$name"
    # A new libvirtd finds out in its own time.
    [ -z "$uri" ] || wait_until 10 domain_is_gone
    check_broken "$what" "$took"
}

ended_or_up() {
    has_ended "$broken" || grep -q up "$work/broken.out"
}

# check_killed_early WHAT SECONDS HOW…: kills SECONDS after the start, whatever it does then.
check_killed_early() {
    local what=$1 delay=$2
    local 'then'
    shift 2
    start broken -n "$name" -- sh -c 'echo up; sleep 1000'
    sleep "$delay"
    "$@" 2>/dev/null
    then=$(now)
    # An ordinary user's client that was not connected yet has started another.
    if [ "$DRIVER" = session ] && wait_until "$limit" ended_or_up && ! has_ended "$broken"; then
        "$@" 2>/dev/null
        then=$(now)
    fi
    finish broken
    local took=$(($(now) - then))
    [ "$1" != kill_libvirtd ] || restart_libvirtd
    check "$what: its process is gone" wait_until 5 no_host_process_of "$name"
    # A new libvirtd finds out in its own time.
    [ -z "$uri" ] || wait_until 10 domain_is_gone
    check_broken "$what" "$took"
}

check_killed "a sandbox that is killed" kill_host_process
case $DRIVER in
    system | session | lxc)
        check_killed "a libvirtd that is killed" kill_libvirtd
        delays="0.05 0.2 0.5 1"
        # A machine takes seconds for what a container does in these.
        [ "$DRIVER" != session ] || delays=0.2
        [ "$DRIVER" != system ] || delays=1
        for delay in $delays; do
            check_killed_early "a libvirtd that is killed after $delay s" "$delay" kill_libvirtd
        done
        start broken -n "$name" -- sh -c 'echo up; sleep 1; exit 6'
        wait_for_output broken up
        sleep 0.9
        kill_libvirtd
        finish broken
        restart_libvirtd
        check "a libvirtd that is killed at the end: the status is the program's or 125" \
            test "$status" = 6 -o "$status" = 125
        check "and its process is gone" wait_until 5 no_host_process_of "$name"
        check_nothing_left "and nothing is left" "$name"
        ;;
esac
if [ "$kind" = machine ]; then
    as_soon_as_it_is_there() {
        wait_until 20 host_process_of "$name"
        kill_host_process
    }
    check_killed_early "a machine that is killed while it boots" 0.1 as_soon_as_it_is_there
fi
if [ "$kind" = container ]; then
    kill_init() {
        local controller
        controller=$(host_process_of "$name")
        # shellcheck disable=SC2046
        kill -KILL $(children_of "$controller")
    }
    # Of a container that somebody else made, or whose state somebody holds, no other sandbox knows better.
    cat >"$work/other.xml" <<END
<domain type='lxc'><name>other-$$</name><memory unit='MiB'>64</memory>
<os><type>exe</type><init>/bin/sleep</init><initarg>1000</initarg></os>
<devices><filesystem type='mount'><source dir='/'/><target dir='/'/></filesystem><console type='pty'/></devices>
</domain>
END
    run virsh -q -c "$uri" create "$work/other.xml"
    check_status "another's container starts" 0
    start broken -n "$name" -- sh -c 'echo up; sleep 1000'
    wait_for_output broken up
    kill_libvirtd
    # shellcheck disable=SC2046
    kill -KILL $(children_of "$(host_process_of "other-$$")")
    finish broken
    check "another's container ends" wait_until 10 no_host_process_of "other-$$"
    # A libvirtd that finds it alive sees it end.
    check "and so does ours" wait_until 10 no_host_process_of "$name"
    bring_up_libvirtd
    (
        flock 9
        "$VIRT_SANDBOX" "${connect[@]}" -n "next-$$" -- true
    ) 9>"$state_directory/$name.lock" 2>"$stderr"
    check_equal "a new libvirtd lists both, and another sandbox leaves them" "$(printf '%s\n' "other-$$" "$name" | sort)" \
        "$(virsh_here list --all --name | sort | sed '/^$/d')"
    rm "$state_directory/$name.lock"
    check "a sandbox of the name starts when nobody holds it" start_next
    check_equal "another's is listed still" "other-$$" "$(virsh_here list --all --name | sed '/^$/d')"
    check_killed "a container whose init is killed, as for want of memory" kill_init

    start broken -n "$name" -- sh -c 'echo up; sleep 1000'
    wait_for_output broken up
    controller=$(host_process_of "$name")
    init=$(children_of "$controller" | xargs)
    # shellcheck disable=SC2046
    kill -STOP $(libvirtd)
    kill -KILL "$controller"
    check "a container ends with its controller, though libvirtd does nothing" \
        wait_until 10 has_ended "$init"
    # shellcheck disable=SC2046
    kill -CONT $(libvirtd)
    finish broken
    check_status "which is 125" 125
    check_nothing_left "and leaves nothing" "$name"
fi

done_testing
