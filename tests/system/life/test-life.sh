#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What a sandbox is while it lives, for a program that drives it; and what many leave: nothing.
# drivers: embed lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

name=test-life-$$
build=$(dirname "$(dirname "$VIRT_SANDBOX")")
driven=''

# --- --json-status-fd -------------------------------------------------------------------------

# json EXPRESSION: of the lines that were written, as a list of objects.
json() {
    /usr/bin/python3 -c 'import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
print(eval(sys.argv[2]))' "$work/json" "$1" 2>&1
}
# The status of the end, and how.
json_end() {
    json 'str(lines[-1]["status"]) + " " + lines[-1]["how"]'
}
sandbox_with_json() {
    sandbox -n "$name" --json-status-fd 7 "$@" 7>"$work/json"
}

sandbox_with_json -- sh -c 'exit 3'
check_status "a program is driven by another" 3
check_equal "it starts and exits" "['started', 'exited']" "$(json '[line["event"] for line in lines]')"
check_equal "with its name" "$name" "$(json 'lines[0]["name"]')"
check_equal "a UUID" 36 "$(json 'len(lines[0]["uuid"])')"
check_equal "its status, and how" "3 exited" "$(json_end)"

sandbox_with_json -- sh -c 'ls -l /proc/self/fd | grep json; kill -KILL $$'
check_equal "a signal is a status, too" "137 signal" "$(json_end)"
check_stdout "the program knows nothing of it" ""

start driven -n "$name" --json-status-fd 7 -- sh -c 'echo up; sleep 1000' 7>"$work/json"
wait_for_output driven up
check_equal "the process of the sandbox is named" "$(host_process_of "$name")" "$(json 'lines[0]["pid"]')"
if [ "$kind" = machine ]; then
    check "which is an ordinary user's" test "$(stat -c %u "/proc/$(host_process_of "$name")")" != 0
fi
kill -TERM "$driven"
finish driven
check_equal "and its end" "143 signal" "$(json_end)"

start driven -n "$name" --json-status-fd 7 -- sh -c 'trap "" TERM; echo up; while :; do sleep 0.1; done' 7>"$work/json"
wait_for_output driven up
kill -TERM "$driven"
sleep 0.3
kill -TERM "$driven"
finish driven
check_equal "one that we end is killed" "143 killed" "$(json_end)"

sandbox_with_json -- /nonexistent/program
check_equal "what fails says so" "failed 127 True" \
    "$(json 'lines[-1]["event"], lines[-1]["status"], "/nonexistent/program" in lines[-1]["message"]' |
        tr -d "(),'")"
sandbox_with_json --timeout 50ms -- sleep 60
check_equal "a time-out is told" "124 timeout" "$(json_end)"
"$VIRT_SANDBOX" "${connect[@]}" -n "$name" --json-status-fd 7 -- sh -c 'echo lost; exit 127' \
    7>"$work/json" >/dev/full 2>"$stderr"
check_equal "a program that fails is none that did not start, whatever else was said" "127 exited" \
    "$(json_end)"
sandbox_with_json --hide /a/../b -- true
check_equal "also before it starts" "['failed']" "$(json '[line["event"] for line in lines]')"

sandbox --json-status-fd 77 -- true
check_message "a descriptor that is not open is refused" 125 "--json-status-fd 77: not open"
sandbox --json-status-fd 7 -- true 7</dev/null
check_message "so is one that cannot be written" 125 "not open for writing"
sandbox --json-status-fd seven -- true
check_message "and one that is none" 125 "--json-status-fd seven"

sandbox --json-status-fd 7 -- sh -c 'exit 4' 7> >(:)
check_status "a reader that has gone is no failure" 4

# --- many -------------------------------------------------------------------------------------

# What there is on this host that a sandbox might leave.
everything() {
    local process
    echo "states: $(find "$state_directory" -mindepth 1 2>/dev/null | sort | xargs)"
    echo "mounts: $(wc -l </proc/self/mountinfo)"
    [ -z "$uri" ] || echo "domains: $(virsh_here list --all --name | xargs)"
    echo "processes: $(pgrep -fc -- '-name guest=|libvirt_lxc --name|virt-sandbox -c|libvirt-sandbox-guard')"
    for process in $(pgrep -x libvirtd); do
        [ "$DRIVER" = embed ] || echo "descriptors of libvirtd: $(ls "/proc/$process/fd" | wc -l)"
    done
    # Interfaces, too, go with their namespace.
    echo "interfaces: $(ls /sys/class/net | wc -l)"
}
# Those of other sandboxes on this host are not ours to count.
if [ "$DRIVER" = embed ]; then
    everything() {
        echo "states: $(find "$state_directory" -mindepth 1 -name "*$name*" 2>/dev/null | xargs)"
        echo "processes: $(pgrep -fc -- "$name")"
    }
fi
memory_of_libvirtd() {
    sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$(pgrep -x libvirtd)/status"
}
as_before() {
    [ "$(everything)" = "$before" ]
}

# As many as a busy host makes in the time, but no fewer than a tenth.
if [ "$kind" = container ]; then number=100 together=20 in_one=40; else number=10 together=3 in_one=8; fi
most_seconds=50
sandbox -n "$name-0" -- true
before=$(everything)
wrong=0
began=$SECONDS
for ((i = 1; i <= number; i++)); do
    ((i <= number / 10 || SECONDS - began < most_seconds)) || break
    sandbox -n "$name-$i" -- sh -c "exit $((i % 100))"
    [ "$status" = $((i % 100)) ] || wrong=$((wrong + 1))
    [ "$i" != $((number / 10)) ] || [ "$kind" = machine ] || early=$(memory_of_libvirtd)
done
check_equal "$((i - 1)) sandboxes one after another have their status" 0 "$wrong"
wait_until 5 as_before
check_equal "and leave nothing" "$before" "$(everything)"
if [ "$kind" = container ]; then
    late=$(memory_of_libvirtd)
    check "nor does libvirtd grow ($early to $late KiB)" test $((late - early)) -lt 6144
fi

pids=()
for ((i = 1; i <= together; i++)); do
    "$VIRT_SANDBOX" "${connect[@]}" -n "$name-$i" -- sh -c "echo up; sleep 1; exit $i" \
        </dev/null >"$work/together.$i" 2>&1 &
    pids+=($!)
done
wrong=
for ((i = 1; i <= together; i++)); do
    wait_until "$limit" has_ended "${pids[i - 1]}"
    wait "${pids[i - 1]}"
    status=$?
    [ "$status" = "$i" ] && [ "$(cat "$work/together.$i")" = up ] || wrong+=" $i:$status"
done
check_equal "$together at once have their status and output" "" "$wrong"
wait_until 5 as_before
check_equal "and leave nothing" "$before" "$(everything)"

# --- many in one process ----------------------------------------------------------------------

if [ ! -e "$build/LibvirtSandbox-1.0.typelib" ]; then
    skip "many in one process do not grow" "built without introspection"
else
    run env GI_TYPELIB_PATH="$build" LD_LIBRARY_PATH="$build/.libs" \
        "$TEST_DIRECTORY/many-in-one-process" "$uri" "$in_one"
    check_status "many in one process run" 0
    read -r _ descriptors threads size < <(grep early "$stdout")
    read -r _ late_descriptors late_threads late_size < <(grep late "$stdout")
    check_equal "and leave no descriptor" "${descriptors-}" "${late_descriptors-}"
    check "nor a thread (${threads-} to ${late_threads-})" test "${late_threads:-99}" -le "${threads:-0}"
    check "nor memory (${size-} to ${late_size-} KiB)" test $((${late_size:-99999} - ${size:-0})) -lt 2048
    wait_until 5 as_before
    check_equal "nor anything else" "$before" "$(everything)"
fi

done_testing
