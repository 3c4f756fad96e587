# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh has them
#
# What the tests share that put hostile-init in the place of the real one. After lib.sh.

build=$(dirname "$(dirname "$VIRT_SANDBOX")")
if [ ! -x "$build/tests/system/isolation/hostile-init" ] || [ ! -x "$build/bin/.libs/virt-sandbox" ]; then
    skip_all "no build tree around $VIRT_SANDBOX"
fi

# The library looks for its programs beside itself when it is not installed.
mkdir -p "$work/tree/.libs" "$work/tree/libexec"
cp -P "$build"/.libs/libvirt-sandbox-1.0.so* "$work/tree/.libs/"
find "$build/libexec" -maxdepth 1 -name 'libvirt-sandbox-*' -type f -executable -exec cp -t "$work/tree/libexec" {} +
cp "$build/tests/system/isolation/hostile-init" "$work/tree/libexec/libvirt-sandbox-init"
VIRT_SANDBOX=$build/bin/.libs/virt-sandbox
export LD_LIBRARY_PATH=$work/tree/.libs TERM=linux TERMINAL_LOG=$work/terminal.log

name=test-hostile-$$
hostile=''
# What the host side may need of memory, in KiB.
most=65536

# peak_of PID: the most memory that it has had when it has ended.
peak_of() {
    local most_yet=0
    local size
    while ! has_ended "$1" && ((SECONDS - began < limit)); do
        size=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$1/status" 2>/dev/null)
        [ "${size:-0}" -le "$most_yet" ] || most_yet=$size
        sleep 0.05
    done
    echo "$most_yet"
}

# measure VARIABLE: waits for what start started, and leaves the most memory that it had in $peak.
measure() {
    peak=$(peak_of "${!1}")
    finish "$1"
}

# hostile [OPTIONS] WHAT
hostile() {
    began=$SECONDS
    start hostile -n "$name" "$@"
    measure hostile
}

# check_broken WHAT [REGEX]: it is found out, with one line.
check_broken() {
    hostile -- "$1"
    check_message "$1 is found out" 125 "${2:-the guest broke the wire protocol}"
    check_modest "$1"
}

# check_modest WHAT [NAME]
check_modest() {
    check "$1: the host side needs little memory ($peak KiB)" test "$peak" -lt $most
    ! grep -qP '[\x00-\x08\x0b-\x1f\x7f\x9b]' "$stdout" "$stderr" || flunk "$1: no control characters"
    check_nothing_left "$1: nothing is left" "${2:-$name}"
}

# ended_by_force WHAT: SIGTERM twice is the end of it.
ended_by_force() {
    local what=$1
    local 'then'
    shift
    began=$SECONDS
    start hostile -n "$name" --json-status-fd 9 "$@" 9>"$work/hostile.status"
    wait_until "$limit" grep -q '"started"' "$work/hostile.status"
    # Until it is at it.
    sleep 2
    kill -TERM "$hostile"
    sleep 0.2
    kill -TERM "$hostile"
    then=$(now)
    measure hostile
    check_status "$what is ended by a second SIGTERM" 143
    check "$what: within 6 seconds" test $(($(now) - then)) -lt 6000
    check_modest "$what"
}
