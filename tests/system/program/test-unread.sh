#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Standard error that nobody reads: virt-sandbox hears signals and its time limit all the same, and loses nothing of
# what it has to say if somebody reads after all.
# drivers: embed lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

name=test-unread-$$
# More than a pipe holds, and what virt-sandbox keeps itself.
many=8000
change_much="cd /usr; i=0; while [ \$i -lt $many ]; do : >a-name-that-is-long-so-that-many-of-it-fill-a-pipe-and-more-\$i
    i=\$((i+1)); done"

# unread [OPTIONS] PROGRAM…: in the background, its pid in $unread; its standard error is a pipe that is open as 7.
unread() {
    rm -f "$work/pipe"
    mkfifo "$work/pipe"
    exec 7<>"$work/pipe"
    last_command="$VIRT_SANDBOX ${connect[*]} $*"
    "$VIRT_SANDBOX" "${connect[@]}" -n "$name" "$@" </dev/null >"$stdout" 2>"$work/pipe" 7>&- &
    unread=$!
}

fill() {
    timeout 1 cat /dev/zero >&7
}

# ends_within SECONDS STATUS
ends_within() {
    wait_until "$1" has_ended "$unread" || kill -KILL "$unread"
    wait "$unread" 2>/dev/null
    status=$?
    [ "$status" = "$2" ]
}

# --- messages ---------------------------------------------------------------------------------

rm -f "$work/pipe"
mkfifo "$work/pipe"
exec 7<>"$work/pipe"
fill
last_command="-v -d on a full pipe"
"$VIRT_SANDBOX" "${connect[@]}" -n "$name" -v -d --timeout 15 -- sleep 1000 </dev/null >"$stdout" 2>"$work/pipe" 7>&- &
unread=$!
check "what is said of the work does not keep a time limit from ending it" ends_within 40 124
check_nothing_left "and nothing is left" "$name"

"$VIRT_SANDBOX" "${connect[@]}" -n "$name" --hide /a/../b -- true </dev/null >"$stdout" 2>"$work/pipe" 7>&- &
unread=$!
sleep 1
check "a failure waits for who reads of it" kill -0 "$unread"
kill -TERM "$unread"
check "but not against a signal" ends_within 5 143
exec 7>&-

# --- changes ----------------------------------------------------------------------------------

unread --overlay --changes - -- sh -c "$change_much"
wait_until "$limit" is_full_pipe 7
kill -TERM "$unread"
check "one signal is heard while changes are told to nobody" ends_within 15 143
check_nothing_left "and nothing is left" "$name"

unread --overlay --changes - -- sh -c "$change_much; exit 5"
wait_until "$limit" is_full_pipe 7
sleep 1
exec 8<"$work/pipe"
cat <&8 >"$stderr" 7>&- &
reader=$!
exec 7>&- 8<&-
check "changes are told on when somebody reads" ends_within "$limit" 5
wait "$reader"
check_equal "and none is lost" $many "$(grep -cE '^A /usr/a-name-that-is-long.*-[0-9]+$' "$stderr")"

done_testing
