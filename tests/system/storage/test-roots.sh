#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Roots of other systems: nothing of ours is in them.
# drivers: embed lxc
# seconds: 1500

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"
# shellcheck source=tests/system/foreign-roots.sh
. "$TEST_DIRECTORY/foreign-roots.sh"

# --- another libc, nothing but itself ---------------------------------------------------------

musl=$work/musl
if musl_root "$musl"; then
    find "$musl" | sort >"$work/before"
    sandbox -r "$musl" -- which-libc hello
    check_status "a program of musl's runs" 5
    check_stdout "with its own libc" "musl hello"
    check_stderr "without a message" ""

    sandbox -r "$musl" -- sh -c 'id -u; pwd; cat /proc/self/comm; ls /sys/kernel >/dev/null && echo sys
        echo x >/dev/null && echo null; ls /; touch /usr/x 2>/dev/null || echo "read-only"'
    check_status "without /etc/passwd and mount points" 0
    check_stdout_matches "by its number" "^$(id -u)\$"
    check_stdout_matches "in / where the home is not there" "^/\$"
    check_stdout_matches "/proc is there" "^cat\$"
    check_stdout_matches "/sys is there" "^sys\$"
    check_stdout_matches "/dev is there" "^null\$"
    check_stdout_matches "the root is read-only" "^read-only\$"

    sandbox -r "$musl" --overlay -p -- sh -c 'touch /usr/bin/x /y && ls /y; rm /usr/bin/env; mkdir -p /a/b'
    check_status "with an overlay, too" 0
    check_stdout "it can be written to" /y

    sandbox -r "$musl" -S root -- true
    check_message "-S without an /etc/passwd is refused" 125 "$musl/etc/passwd"

    mkdir "$musl/etc"
    ln -s /etc/passwd "$musl/etc/passwd"
    sandbox -r "$musl" -S nobody -- true
    check_message "a link to itself is no way out" 125 "etc/passwd"
    rm "$musl/etc/passwd"
    ln -s ../../../../../../../../../etc/passwd "$musl/etc/link"
    ln -s /etc/link "$musl/etc/passwd"
    sandbox -r "$musl" -S nobody -- true
    check_message "nor is one that leads up" 125 "etc/passwd"
    rm "$musl/etc/link" "$musl/etc/passwd"
    mkdir "$musl/other"
    echo 'odd:x:4321:1234::relative:/bin/sh' >"$musl/other/passwd"
    ln -s /other/passwd "$musl/etc/passwd"
    sandbox -r "$musl" -S odd -- id
    check_status "-S looks the user up in the root" 0
    check_stdout_matches "and finds it through an absolute link" "uid=4321.*gid=1234"
    # shellcheck disable=SC2115 # $musl is set
    rm -r "$musl/etc" "$musl/other"

    find "$musl" | sort >"$work/after"
    check "nothing was made in the root" cmp "$work/before" "$work/after"

    odd=$work/$'a root, with "quotes" & <things>'
    mv "$musl" "$odd"
    sandbox -r "$odd" -- which-libc odd
    check_stdout "the path of the root can have any characters" "musl odd"
    bytes=$work/$'by\xfftes'
    mv "$odd" "$bytes"
    sandbox -r "$bytes" -- which-libc bytes
    if [ "$status" = 5 ]; then
        check_stdout "and any bytes" "musl bytes"
    else
        check_message "or is refused" 125 "UTF-8|bytes"
    fi
else
    skip "a root of musl's" "musl-tools and busybox-static are not installed"
fi

# --- another release --------------------------------------------------------------------------

debian=$work/debian
if debian_root "$debian"; then
    sandbox -r "$debian" -- sh -c '. /etc/os-release; echo "$VERSION_CODENAME"; cat /etc/debian_version >/dev/null && exit 6'
    check_status "another Debian runs" 6
    check_stdout "and is it" trixie
    sandbox -r "$debian/" -S games -- id -u
    check_stdout "its users are its own" 5
    sandbox -r "$debian" -p -- dpkg --version
    check_status "its programs run" 0
    ln -s "$debian" "$work/link"
    sandbox -r "$work/link" -- sh -c '. /etc/os-release; echo "$VERSION_CODENAME"'
    check_stdout "a link to a root is one" trixie
else
    skip "another Debian" "mmdebstrap is missing or has no archive to take it from"
fi

# --- what cannot be a root --------------------------------------------------------------------

sandbox -r "$work/nowhere" -- true
check_message "a root that is missing is refused" 125 "$work/nowhere"
mkdir "$work/empty"
sandbox -r "$work/empty" -- true
check_message "a root without the program is said" 127 "true"
if [ "$DRIVER" = embed ] && [ "$(id -u)" = 0 ]; then
    mkdir -m 700 "$work/closed"
    mkdir "$work/closed/root"
    sandbox -r "$work/closed/root" -- true
    check_message "a root that QEMU's user cannot read is refused" 125 "closed/root.*--qemu-user"
fi

done_testing
