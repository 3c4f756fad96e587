#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A guest whose init has been taken over lies about what changed in the overlay: see hostile-init.c.
# drivers: embed lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"
# shellcheck source=tests/system/hostile.sh
. "$TEST_DIRECTORY/hostile.sh"

changes=$work/changes
file=$changes/layer.tar
mkdir "$changes"

check_no_file() {
    check_equal "$1: no file is left, nor a part of one" "" "$(ls -A "$changes")"
}

# check_lie WHAT REGEX
check_lie() {
    hostile --overlay --changes "$file" -- "$1"
    check_message "$1 is found out" 125 "$2"
    check_modest "$1"
    check_no_file "$1"
}

# A first machine brings its boot image to be made, which is not what is measured here.
sandbox --overlay -n "$name" -- garbage

# --- one record, or a few ---------------------------------------------------------------------

check_lie change-deleted-data 'wire protocol: deletion is none'
check_lie change-failure 'changes: \\x1b\[2J\\x1b\]0;title\\x07.*virt-sandbox: second line'
check_lie change-too-much 'changes: files of over 64 TiB'
if [ "$kind" = container ]; then
    check_lie change-opaque-data 'wire protocol: deletion is none'
    check_lie change-deleted-odd 'wire protocol: deletion is none'
    check_lie change-odd-extents 'wire protocol: extents are broken'
    check_lie change-many-extents 'wire protocol: extents are broken'
    for what in up absolute no-name nul; do
        check_lie change-$what 'wire protocol: path is broken'
    done
    check_lie change-long-name 'wire protocol: record has an impossible length'
    check_lie change-after-end 'wire protocol: changes after their end'
    check_lie change-no-data 'changes: the guest did not tell them to the end'
    # As a list the same is looked at.
    hostile --overlay --changes - -- change-deleted-data
    check_message "a lie in a list is found out" 125 'wire protocol: deletion is none'
fi

hostile --overlay --changes "$file" -- change-duplicates
check_status "one name again and again is a layer" 8
check "which is a tar" sh -c "tar -tf '$file' >/dev/null"
check_equal "and stays in it" "" "$(tar -tf "$file" | grep -vE '^etc/(\.wh\.)?same(/|$)')"
check_modest "one name again and again"
rm -f "$file"

# --- for ever ---------------------------------------------------------------------------------

# in_time WHAT: --timeout is the end of it.
in_time() {
    local seconds=4 'then'
    [ "$kind" = container ] || seconds=25
    then=$(now)
    hostile --overlay --changes "$file" --timeout $seconds -- "$1"
    check_status "$1 is ended by --timeout" 124
    check "$1: within 12 seconds of it ($(($(now) - then)) ms)" test $(($(now) - then)) -lt $((seconds * 1000 + 12000))
    check_modest "$1"
    check_no_file "$1"
}
in_time change-holes
in_time change-for-ever
ended_by_force "change-for-ever" --overlay --changes "$file" -- change-for-ever
check_no_file "change-for-ever, ended by force"

on_terminal "Ctrl-] three times ends changes without end" 24x80 \
    "$VIRT_SANDBOX" "${connect[@]}" -n "$name" --overlay --changes "$file" -- change-for-ever <<'STEPS'
mode raw
sleep 1
send \x1d\x1d\x1d
expect virt-sandbox: the sandbox did not end its program when it was told to
end 125
mode original
STEPS
check_nothing_left "and leaves nothing" "$name"
check_no_file "change-for-ever at a terminal"

done_testing
