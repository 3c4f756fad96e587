# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Comparing two commands in turn, in one run, as machines differ and drift. For tests/bench/run,
# which sets $turns, $scratch and $table, the CSV file to write to; $failures counts rows without figures.

seconds_of() {
    local start end
    start=$(date +%s.%N)
    "$@" </dev/null >"$scratch/output" 2>&1 || {
        echo "bench: failed: $*" >&2
        cat "$scratch/output" >&2
        return 1
    }
    end=$(date +%s.%N)
    awk -v a="$start" -v b="$end" 'BEGIN { printf "%.3f\n", b - a }'
}

least() {
    sort -n "$1" | head -1
}

median() {
    sort -n "$1" | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

print_one() {
    printf '    %-46s median %7.3f s   least %7.3f s\n' "$1" "$(median "$2")" "$(least "$2")"
}

# compare ROW NAME-A FUNCTION-A NAME-B FUNCTION-B: the ratio is that of A's median to B's.
compare() {
    local row=$1 name_a=$2 run_a=$3 name_b=$4 run_b=$5
    local turn ratio
    : >"$scratch/a"
    : >"$scratch/b"
    for ((turn = 0; turn < turns; turn++)); do
        seconds_of "$run_a" >>"$scratch/a" && seconds_of "$run_b" >>"$scratch/b" || {
            failures=$((failures + 1))
            return
        }
    done
    ratio=$(awk -v a="$(median "$scratch/a")" -v b="$(median "$scratch/b")" 'BEGIN { printf "%.3f", a / b }')
    printf '%s\n' "$row"
    print_one "$name_a" "$scratch/a"
    print_one "$name_b" "$scratch/b"
    printf '    ratio %s\n' "$ratio"
    printf '"%s","%s",%s,%s,"%s",%s,%s,%s\n' "$row" "$name_a" "$(median "$scratch/a")" "$(least "$scratch/a")" \
        "$name_b" "$(median "$scratch/b")" "$(least "$scratch/b")" "$ratio" >>"$table"
}

skipped() {
    echo "skipped: $*"
}
