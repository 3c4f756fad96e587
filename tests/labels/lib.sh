# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the tests of labels share, besides what system tests do.

# The variables of start are named by its caller.
# shellcheck disable=SC2034,SC2154
# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

# Emulation in emulation, and a first boot image.
limit=600

# As the kernel shows it; SELinux ends it with a zero byte.
label_of() {
    tr -d '\000\n' <"/proc/$1/attr/current"
}

# start_waiting NAME [OPTIONS]: a sandbox that is up, and ends when finish_waiting says so.
start_waiting() {
    local name=$1
    shift
    rm -f "$work"/waiting.{in,out}
    mkfifo "$work/waiting.in"
    start waiting -n "$name" "$@" -- sh -c 'echo up; exec cat'
    # Not before, or the sandbox would hold its own input open.
    exec {hold}>"$work/waiting.in"
    await test -s "$work/waiting.out"
}

# await COMMAND…: until it succeeds, or the sandbox has ended. Looks seldom, for that takes time from what is
# waited for.
await() {
    local deadline=$((SECONDS + limit))
    until "$@" >/dev/null || has_ended "$waiting" || [ "$SECONDS" -gt "$deadline" ]; do
        sleep 2
    done
}

finish_waiting() {
    exec {hold}>&-
    finish waiting
}

# start_machine [OPTIONS]: a machine "machine" whose QEMU runs, in $qemu; whether its guest gets anywhere is
# not waited for, as emulation in emulation takes minutes.
start_machine() {
    rm -f "$work/waiting.in"
    start waiting -n machine "$@" -- true
    await host_process_of machine
    qemu=$(host_process_of machine)
}

# The second one ends it whatever it does.
end_machine() {
    kill "$waiting"
    sleep 1
    kill "$waiting" 2>/dev/null
    finish waiting
    check "$1: its process is gone" wait_until 60 no_host_process_of machine
}

# The host's numbers of a container's init and of the program in it.
container_processes() {
    local controller
    init='' program=''
    controller=$(host_process_of "$1") || return 1
    init=$(pgrep -P "$controller")
    program=$(pgrep -P "${init:-none}" | tail -n 1)
    [ -n "$program" ]
}

check_label_matches() {
    if [[ $2 =~ $3 ]]; then pass "$1"; else flunk "$1" "label $2 does not match $3"; fi
}
