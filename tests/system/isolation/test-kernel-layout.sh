#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Each boot of a machine puts its kernel, and that what it has of memory, somewhere else.
# drivers: embed

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

# Where the kernel's text is, and where it sees its memory: the segment of /proc/kcore for what is at 1 MiB.
cat >"$work/probe" <<'END'
echo "text=$(sed -n 's/^\([0-9a-f]*\) . _text$/\1/p' /proc/kallsyms)"
memory() {
    readelf -lW /proc/kcore | awk '$1 == "LOAD" && $4 == "0x0000000000100000" { print $3 }'
}
[ ! -r /proc/kcore ] || ! command -v readelf >/dev/null || echo "memory=$(memory)"
echo "command_line=$(cat /proc/cmdline)"
END

# look NUMBER [OPTIONS]
look() {
    local number=$1
    shift
    sandbox -p "$@" -- sh <"$work/probe"
    check_status "a kernel tells where it is ($number)" 0
    printf -v "text_$number" %s "$(value text)"
    printf -v "memory_$number" %s "$(value memory)"
    check "and that is some place ($number)" test $((16#$(value text))) != 0
}

look 1
check "the kernel's command line does not switch it off" test "$(grep -c nokaslr "$stdout")" = 0
look 2 --memory 128MiB
look 3 --memory 4GiB
# shellcheck disable=SC2154
check "the kernel is not in the same place each time ($text_1, $text_2, $text_3)" \
    test "$text_1" != "$text_2" -o "$text_2" != "$text_3"
# shellcheck disable=SC2154
if [ -z "$memory_1$memory_2$memory_3" ]; then
    skip "nor does it see its memory in the same place" "no /proc/kcore in the guest, or no readelf"
else
    check "nor does it see its memory in the same place ($memory_1, $memory_2, $memory_3)" \
        test "$memory_1" != "$memory_2" -a "$memory_2" != "$memory_3"
fi

sandbox --memory 64MiB --overlay -- echo up
if [ "$status" != 0 ]; then
    check_message "less memory than a kernel boots with" 125 "memory: .* needs at least [0-9]* MiB to boot"
    least=$(sed -n 's/.* at least \([0-9]*\) MiB to boot$/\1/p' "$stderr")
    sandbox --memory "${least}MiB" --overlay -- echo up
fi
check_stdout "a machine has as little memory as is said" up
done_testing
