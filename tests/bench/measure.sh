# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Samples in turn, and what becomes of them. A row takes samples by name and reports pairs of names; its
# function fails if one could not be had.
#
# shellcheck disable=SC2154

# progress TEXT: what is being done, on a terminal; nothing without TEXT.
progress() {
    [ ! -t 2 ] || printf '\r\e[K%s' "${1:+bench: $1}" >&2
}

# record KIND FIELD…: for the table, in the process that started all.
record() {
    local IFS=$'\t'
    echo "$row_number"$'\t'"$*" >&3
}

skipped() {
    progress ''
    echo "skipped: $row: $*"
    record skipped "$row"
}

complain() {
    progress ''
    echo "bench: $row: $*" >&2
}

# --- taking samples ---------------------------------------------------------------------------

# quietly COMMAND…: without input, with its output shown only if it fails.
quietly() {
    "$@" </dev/null >"$scratch/output" 2>&1 3>&- || {
        complain "failed: $*"
        cat "$scratch/output" >&2
        return 1
    }
}

# seconds COMMAND…: prints how long it takes.
seconds() {
    local start=$EPOCHREALTIME
    quietly "$@" || return 1
    awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.3f\n", b - a }'
}

# figure COMMAND…: prints the figure that it prints.
figure() {
    "$@" </dev/null 2>"$scratch/errors" 3>&- >"$scratch/output" &&
        grep -xE '[0-9]+(\.[0-9]+)?' "$scratch/output" && return
    complain "no figure: $*"
    cat "$scratch/output" "$scratch/errors" >&2
    return 1
}

sample() {
    echo "$2" >>"$scratch/samples.$1"
}

# in_turn FUNCTION…: each once, TURNS times.
in_turn() {
    local turn function
    for ((turn = 1; turn <= turns; turn++)); do
        for function; do
            progress "row $row_number of ${#chosen[@]}, $row: turn $turn of $turns"
            "$function" || return 1
        done
    done
}

# --- reporting --------------------------------------------------------------------------------

least() {
    sort -n "$scratch/samples.$1" | head -n 1
}

median() {
    sort -n "$scratch/samples.$1" |
        awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# report NAME UNIT REACH WHAT SAMPLES [PEER SAMPLES]: REACH is what the ratio of the medians may be, with a
# plus how many units the first may be more, or empty where nothing is to be reached.
report() {
    local name=$1 unit=$2 reach=$3 what=$4 samples=$5 peer=${6-} peer_samples=${7-}
    local median least peer_median='' peer_least=''
    median=$(median "$samples") least=$(least "$samples")
    if [ -n "$peer" ]; then
        peer_median=$(median "$peer_samples") peer_least=$(least "$peer_samples")
    fi
    # Everything later works on the ratio, so a difference is made one.
    record figures "$name" "$unit" "$what" "$median" "$least" "$peer" "$peer_median" "$peer_least" \
        "$(awk -v a="$median" -v b="$peer_median" 'BEGIN { if (b != "") printf "%.4f", a / b }')" \
        "${reach:+≤ $reach}" \
        "$(awk -v reach="$reach" -v b="$peer_median" 'BEGIN {
            if (reach != "") printf "%.4f", reach ~ /^\+/ ? (b + reach) / b : reach
        }')"
}

# compare NAME UNIT REACH WHAT COMMAND PEER COMMAND: the commands print a figure each; they are words to be
# split.
compare() {
    local words=$5 peer_words=$7
    take() {
        # shellcheck disable=SC2086
        taken=$($words) && sample ours "$taken"
    }
    take_peer() {
        # shellcheck disable=SC2086
        taken=$($peer_words) && sample peer "$taken"
    }
    in_turn take take_peer && report "$1" "$2" "$3" "$4" ours "$6" peer
}
