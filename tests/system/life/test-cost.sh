#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What docs/performance.md specifies under SPECIFICATION: counts, for which it matters little how busy a machine is.
# drivers: embed lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

specification=$(dirname -- "$(dirname -- "$TEST_DIRECTORY")")/docs/performance.md

# limit_of WHAT: the number in the row of the specification's table that begins so.
limit_of() {
    sed -n '/^## SPECIFICATION/,$s/^| '"$1"'[^|]*| \([0-9]*\) .*/\1/p' "$specification"
}

# check_limit WHAT MEASURED: it is there, and no more than specified.
check_limit() {
    local what=$1 measured=$2
    local limit
    limit=$(limit_of "$what")
    if [ -n "$limit" ] && [ -n "$measured" ] && [ "$measured" -gt 0 ] && [ "$measured" -le "$limit" ]; then
        pass "$what: $measured, at most $limit"
    else
        flunk "$what" "measured ${measured:-nothing}, specified at most ${limit:-nothing}"
    fi
}

boot_costs() {
    local kernel
    sandbox --virt-type qemu --print-xml -- true
    check_status "a description is made" 0
    kernel=$(sed -n 's:.*<kernel>\(.*\)</kernel>.*:\1:p' "$stdout")
    check_limit "KiB of the boot image" $(($(stat -c %s "${kernel%/*}/initrd") / 1024))
    check_limit "modules loaded" "$(wc -l <"${kernel%/*}/modules")"
    check_limit "devices of the machine" \
        "$(grep -cE '<(controller|channel|filesystem|serial|interface|disk) ' "$stdout")"
}

# In a container: libvirt learns anew what QEMU can do on the processor that valgrind emulates.
instructions() {
    local what="thousand instructions to describe a container"
    local program
    program=$(dirname "$VIRT_SANDBOX")/.libs/virt-sandbox
    if ! command -v valgrind >/dev/null; then
        skip "$what" "valgrind is not installed"
    elif [ ! -x "$program" ]; then
        skip "$what" "no build tree around $VIRT_SANDBOX"
    else
        export LD_LIBRARY_PATH=${program%/bin/*}/.libs
        run valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "${connect[@]}" --print-xml -- true
        check_status "it is made under callgrind, too" 0
        check_limit "$what" "$(sed -n 's/^==[0-9]*== Collected : \([0-9]*\)[0-9]\{3\}$/\1/p' "$stderr" | sort -n | tail -1)"
    fi
}

# What is spliced the system does not count as read or written.
copies() {
    local pid
    mkfifo "$work/bulk.in" "$work/bulk.out"
    head -c 64M /dev/zero >"$work/bulk.in" &
    cat "$work/bulk.out" >/dev/null &
    "$VIRT_SANDBOX" "${connect[@]}" -- sh -c 'cat; echo through >&2; sleep 1000' \
        <"$work/bulk.in" >"$work/bulk.out" 2>"$work/bulk.err" &
    pid=$!
    wait_until "$limit" grep -q through "$work/bulk.err"
    check_limit "KiB copied by virt-sandbox" \
        "$(awk '/^[rw]char/ { sum += $2 } END { print int(sum / 1024) }' "/proc/$pid/io")"
    kill -TERM "$pid"
    wait "$pid"
}

if [ "$kind" = machine ]; then
    boot_costs
else
    instructions
    copies
fi
done_testing
