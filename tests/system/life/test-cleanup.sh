#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What is left when a sandbox ends, whichever way.
# drivers: embed lxc embed-user session system

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

name=test-cleanup-$$
killed='' bystander=''

state_is_gone() {
    [ ! -e "$state_directory/$1" ]
}

# --- by itself --------------------------------------------------------------------------------

sandbox -n "$name" -- sh -c 'exit 3'
check_status "a sandbox ends by itself" 3
check_nothing_left "nothing is left after the end" "$name"

sandbox -n "$name" -- /nonexistent/program
check_status "a sandbox fails" 127
check_nothing_left "nothing is left after a failure" "$name"

# --- the caller is killed ---------------------------------------------------------------------

start bystander -n "$name-bystander" -- sh -c 'echo up; sleep 1000; exit 31'
# What a busy host makes slow is not always slow.
took=none
for attempt in 1 2 3 4 5; do
    start killed -n "$name" -- sh -c 'trap "" TERM HUP INT; echo up; while :; do sleep 1; done'
    check "a sandbox is up" wait_for_output killed up
    kill_caller killed "$name" || break
    [ "$took" -ge 2000 ] || break
done
check "a sandbox ends with its caller within 2 seconds ($took ms, try $attempt)" test "${took/none/9999}" -lt 2000
if [ -n "$uri" ]; then
    domain_is_gone() {
        ! virsh_here list --all --name | grep -qxF "$name"
    }
    check "its domain is gone" wait_until 10 domain_is_gone
fi

wait_for_output bystander up
# As a thread of libvirt makes it that comes last.
mkdir -p "$state_directory/.dead1/run/qemu"
sandbox -- true
check_status "the next sandbox starts" 0
check "and swept what was made again after its process had removed it" state_is_gone .dead1
check "and swept the state directory of the killed one" state_is_gone "$name"
check "but not that of a running one" test -d "$state_directory/$name-bystander"
kill -TERM "$bystander"
finish bystander
check_status "which ends from its signal" 143

# --- signals ----------------------------------------------------------------------------------

# Which signals reach it is the same in all drivers: test-signals.sh.
stubborn=''
start stubborn -n "$name" -- sh -c 'trap "echo no" TERM; echo up; while :; do sleep 0.1; done'
check "the name of the killed one can be used again" wait_for_output stubborn up
# Two within two seconds count; a third would end virt-sandbox at once and leave it to the next.
for _ in {1..5}; do
    kill -TERM "$stubborn"
    wait_for_output stubborn no
    sleep 0.1
    kill -TERM "$stubborn" 2>/dev/null
    ! wait_until 20 has_ended "$stubborn" || break
done
finish stubborn
check "a second SIGTERM ends a sandbox whose program will not" test "$status" -ne 0
check_nothing_left "and leaves nothing" "$name"

# --- the sandbox is killed --------------------------------------------------------------------

broken=''
start broken -n "$name" -- sh -c 'echo up; sleep 1000'
wait_for_output broken up
check "its process can be found" wait_until 20 host_process_of "$name"
kill -KILL "$(host_process_of "$name")"
finish broken
check_status "a sandbox that is killed from outside is 125" 125
check_equal "with one line that says so" 1 "$(grep -c '^virt-sandbox: ' "$stderr")"
check_nothing_left "and leaves nothing" "$name"

done_testing
