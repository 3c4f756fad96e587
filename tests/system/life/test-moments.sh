#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# tests/bench/moments says where the time of a run goes: every step, in the order in which they are done.
# drivers: embed lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

moments=$(dirname -- "$TEST_DIRECTORY")/bench/moments
steps="begin config connect capabilities define create kernel channel root mounts program exit last-byte stop gone"
[ "$kind" = container ] || steps+=" boot-image firmware modules"

run "$moments" -t 2 "${connect[@]}" -- sh -c 'echo said; echo more >&2; sleep 0.3'
check_status "it ends as virt-sandbox does" 0
check_equal "the program's own output is not lost" "said said" "$(grep -x said "$stdout" | xargs)"
check_equal "nor that on standard error" "more more" "$(grep -x more "$stderr" | xargs)"
for step in ${steps#begin }; do
    grep -qE "^$step +[0-9.]+ +-?[0-9.]+\$" "$stdout" || flunk "step $step is there" "$(cat "$stdout")"
done
# The table is sorted by time. Each clock is true by itself; how far they are apart is known to milliseconds.
check_order() {
    local what=$1
    shift
    check_equal "$what" "$*" "$(awk -v steps=" $* " 'index(steps, " " $1 " ") { print $1 }' "$stdout" | xargs)"
}

check_order "the host's steps come in their order" config connect capabilities define create delivered stop gone
check_order "and the guest's in theirs" channel root program exit
took=$(awk '{ done[$1] = $2 } END { print int(done["exit"] - done["program"]) }' "$stdout")
check "the step that takes long is told ($took ms)" test "${took:-0}" -ge 300
run "$moments" "${connect[@]}" -- sh -c 'exit 7'
check_status "a status is handed on" 7
done_testing
