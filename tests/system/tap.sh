# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Counts what test programs print. Sourced by those that run them.

record() {
    echo ":test-result: $1 $2"
}

# Every test point of a log, and everything that is wrong with the log as a whole.
read_tap() {
    local log=$1 status=$2
    local line number name
    local planned='' seen=0
    while IFS= read -r line; do
        case $line in
            1..*)
                planned=${line#1..}
                planned=${planned%% *}
                [[ $line != "1..0 # SKIP"* ]] || record SKIP "${line#1..0 # SKIP }"
                ;;
            "ok "* | "not ok "*)
                seen=$((seen + 1))
                number=${line#*ok }
                name=${number#* - }
                if [[ $line = not* ]]; then
                    record FAIL "$name"
                elif [[ $name = *"# SKIP"* ]]; then
                    record SKIP "$name"
                else
                    record PASS "$name"
                fi
                ;;
        esac
    done <"$log"
    if [ "$status" = 124 ] || [ "$status" = 137 ]; then
        record ERROR "did not end in time"
    elif [ "$status" != 0 ]; then
        record ERROR "ended with status $status"
    elif [ "$planned" != "$seen" ]; then
        record ERROR "planned ${planned:-nothing}, ran $seen"
    fi
}
