#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# starts.sh [COUNT [OPTIONS…]]
#
# How even the starts of a machine are: COUNT (40) runs of `true` one after the other, their median, 95th percentile
# and slowest, in seconds, and the ratio of the first two, which should be 1.3 at most on a quiet machine. A driver
# that asks QEMU anew at some of its starts is seldom seen in a median, and always in this.

set -u
here=$(dirname -- "$(realpath -- "$0")")
program=${VIRT_SANDBOX:-$here/../../build/bin/virt-sandbox}
count=${1:-40}
shift $(($# > 0))

# What is made once is not what is measured.
"$program" "$@" -- true || exit
for _ in $(seq "$count"); do
    begin=$EPOCHREALTIME
    "$program" "$@" -- true || exit
    echo "$begin $EPOCHREALTIME"
done | awk '{ print $2 - $1 }' | sort -n | awk '
    { seconds[NR] = $1 }
    END {
        median = seconds[int((NR + 1) / 2)]
        most = seconds[int(NR * 0.95 + 0.999)]
        printf "median %.2f  95th percentile %.2f  slowest %.2f  ratio %.2f\n", median, most, seconds[NR], most / median
    }'
