# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What was recorded, as a table and as CSV, and which rows failed.
#
# shellcheck disable=SC2154

# The fields of a record of figures, see report in measure.sh.
record_fields='number kind name unit what median least peer peer_median peer_least ratio reach reach_ratio'

# for_each_record FUNCTION: in the order of the rows, the fields in variables.
for_each_record() {
    # shellcheck disable=SC2086 # several names
    local $record_fields reached line fields
    while IFS= read -r line; do
        mapfile -t fields < <(tr '\t' '\n' <<<"$line")
        for field in $record_fields; do
            printf -v "$field" %s "${fields[0]-}"
            fields=("${fields[@]:1}")
        done
        [ "$kind" = figures ] || continue
        reached=$(awk -v ratio="$ratio" -v reach="$reach_ratio" 'BEGIN {
            if (reach != "") print ratio + 0 <= reach + 0 ? "yes" : "no"
        }')
        "$1"
    done < <(sort -s -n -k 1,1 "$records")
}

# decimals NUMBER: as many as the unit deserves.
decimals() {
    [ -z "$1" ] || if [ "$unit" = s ]; then printf %.3f "$1"; else printf %.1f "$1"; fi
}

# left WIDTH TEXT, right WIDTH TEXT: printf counts bytes.
left() {
    printf '%s%*s' "$2" $(($1 - ${#2})) ''
}

right() {
    printf '%*s%s' $(($1 - ${#2})) '' "$2"
}

# line ROW MEDIAN LEAST PEER MEDIAN LEAST UNIT RATIO REACH REACHED
line() {
    left 19 "$1"
    right 9 "$2"
    right 9 "$3"
    left 37 "   $4"
    right 9 "$5"
    right 9 "$6"
    left 6 "  $7"
    right 8 "$8"
    right 8 "$9"
    echo "   ${10}"
}

print_record() {
    line "$name" "$(decimals "$median")" "$(decimals "$least")" "$peer" "$(decimals "$peer_median")" \
        "$(decimals "$peer_least")" "$unit" "${ratio:+$(printf %.2f "$ratio")}" "$reach" "$reached" |
        sed 's/ *$//'
}

print_csv_record() {
    printf '%s,"%s",%s,%s,"%s",%s,%s,%s,%s,%s,%s\n' "$name" "$what" "$median" "$least" "$peer" \
        "$peer_median" "$peer_least" "$unit" "$ratio" "${reach#≤ }" "$reached"
}

# FALSE if it could not be written.
write_table() {
    local file=$build/bench.csv
    line row median least against median least unit ratio reach reached
    for_each_record print_record
    {
        echo "row,what,median,least,against,median of that,least of that,unit,ratio,reach,reached"
        for_each_record print_csv_record
    } >"$file" || return 1
    echo "written to $file"
}

# FALSE if there are any.
report_failures() {
    local number start failed=()
    for number in "${!chosen[@]}"; do
        start=^$((number + 1))$'\t'
        if grep -q "${start}failed" "$records" || ! grep -q "$start" "$records"; then
            failed+=("${chosen[number]%:*}")
        fi
    done
    [ ${#failed[@]} -gt 0 ] || return 0
    echo "bench: failed: ${failed[*]}" >&2
    return 1
}
