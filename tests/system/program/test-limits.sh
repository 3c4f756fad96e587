#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# --memory and --cpus hold, and there cannot be any number of processes.
# drivers: lxc embed
# seconds: 600

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

python=/usr/bin/python3
[ -x "$python" ] || skip_all "$python is not installed"
limit=180

# --- memory -----------------------------------------------------------------------------------

cat >"$work/fill" <<'END'
import sys
print("filling", flush=True)
blocks = []
for i in range(int(sys.argv[1])):
    blocks.append(bytearray(b"x") * 1048576)
print("filled")
END

if [ "$kind" = container ]; then
    sandbox --memory 256M -- "$python" - 64 <"$work/fill"
else
    # shellcheck disable=SC2016
    sandbox --memory 256M --cpus 1 -- sh -c 'echo "cpus=$(nproc)" >&2
        sed -n "s/^MemTotal: *\([0-9]*\) kB/\1/p" /proc/meminfo >&2; exec "$@"' sh "$python" - 64 <"$work/fill"
    { read -r cpus && read -r total; } <"$stderr"
    check_equal "--cpus 1: a machine has one" cpus=1 "$cpus"
    check "and the memory that was asked for" test "${total:-0}" -gt 150000 -a "${total:-0}" -lt 262145
fi
check_stdout "less than --memory can be had" $'filling\nfilled'
sandbox --memory 256M -- "$python" - 400 <"$work/fill"
check_equal "more than --memory kills the program" 137 "$status"
check_stdout "before it has all" filling
check_content "and nothing else is said" "" "$stderr"

# Programs size themselves by what they find there.
if [ "$kind" = container ]; then
    # shellcheck disable=SC2016
    sandbox -p --memory 256M -- sh -c 'cd /sys/fs/cgroup || exit
        cat memory.max memory/memory.limit_in_bytes 2>/dev/null
        cut -d: -f3 /proc/self/cgroup | sort -u >&2
        for i in cgroup.procs */cgroup.procs; do true >>$i; done 2>/dev/null && echo written
        mkdir mine memory/mine 2>/dev/null && echo made
        find . -mindepth 1 -name "*lxc*" -o -name machine -o -name "*.slice" -o -name "*.service"
        mkdir /tmp/c && mount -t cgroup2 none /tmp/c 2>/dev/null && echo mounted
        mount -t cgroup -o memory none /tmp/c 2>/dev/null && echo mounted
        mount -o remount,bind,rw . 2>/dev/null && echo writable
        unshare -C true 2>/dev/null && echo namespace; true'
    check_stdout "a container sees its --memory, and changes nothing there" $((256 * 1048576))
    check_stderr "and has nothing above it" /
fi

# --- CPUs -------------------------------------------------------------------------------------

# Seconds of CPU that four busy processes get in some seconds.
cat >"$work/burn" <<'END'
import os, time
end = time.monotonic() + 5
started = time.monotonic()
children = []
for i in range(4):
    pid = os.fork()
    if pid == 0:
        while time.monotonic() < end:
            pass
        os._exit(0)
    children.append(pid)
for pid in children:
    os.waitpid(pid, 0)
times = os.times()
elapsed = time.monotonic() - started
print("share=%d" % round(100 * (times.children_user + times.children_system) / elapsed))
END

if [ "$kind" = machine ]; then
    sandbox --cpus 2 -- nproc
    check_stdout "--cpus 2: a machine has two" 2
elif [ "$(nproc)" -gt 1 ]; then
    sandbox --cpus 1 -- "$python" - <"$work/burn"
    check_status "--cpus 1: the probe runs" 0
    share=$(value share)
    echo "# $share % of a CPU"
    check "--cpus 1: no more than one CPU's time" test "$share" -gt 0 -a "$share" -lt 115
else
    skip "--cpus 1: no more than one CPU's time" "this host has one CPU"
fi

# --- processes --------------------------------------------------------------------------------

# A bomb that stops itself: threads count as processes do, and cost less.
cat >"$work/bomb" <<'END'
import threading
threading.stack_size(65536)
forever = threading.Event()
count = 0
try:
    while count < 10000:
        threading.Thread(target=forever.wait, daemon=True).start()
        count += 1
except RuntimeError as e:
    print("stopped")
print("count=%d" % count, flush=True)
import os
os._exit(0)
END

for who in "" "-p"; do
    # shellcheck disable=SC2086
    sandbox $who -- "$python" - <"$work/bomb"
    check_status "the bomb ends $who" 0
    check "it was stopped $who" grep -qx stopped "$stdout"
    threads=$(value count)
    echo "# $threads threads"
    check "at the limit $who" test "$threads" -gt 1000 -a "$threads" -le 4096
done

# The real one, as the usual user and for some seconds.
sandbox --timeout 20 --memory 512M -- bash -c ':(){ :|:& };:; sleep 600'
check "a fork bomb ends with the time" test "$status" = 124 -o "$status" = 137
sandbox -- echo alive
check_stdout "and the next sandbox runs" alive

# Those with processes belong to sandboxes of others, and may be empty for a moment.
no_group_is_left() {
    local group
    for group in $(find /sys/fs/cgroup -name 'libvirt-sandbox-[0-9a-f]*' -type d 2>/dev/null); do
        [ -n "$(cat "$group/cgroup.procs" 2>/dev/null)" ] || [ ! -d "$group" ] || return 1
    done
}
if [ "$kind" = container ]; then
    check "no control group is left" wait_until 10 no_group_is_left
fi

done_testing
