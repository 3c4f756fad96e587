#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The kernel's files, in /proc and /sys and wherever else they are bound: what the program has of them, and
# that it can change nothing by them. Nothing is written here: what could be is only opened.
# drivers: embed lxc
# seconds: 900

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

tools=$(dirname "$VIRT_SANDBOX")/../tests/system/isolation
mounts=$(readlink /proc/self/ns/mnt)
root=$work/root
exchanger=''
clean_up() {
    [ -z "$exchanger" ] || kill "$exchanger" 2>/dev/null
    remove_work
}

# What programs have of /proc, on whatever kernel: docs/kernel-files.md. Not every kernel has all.
allowed="cgroups cmdline config.gz cpuinfo crypto devices diskstats filesystems loadavg meminfo misc modules
    partitions pressure stat swaps sys sysvipc tty uptime version vmstat"
if [ "$kind" = container ]; then
    allowed+=" class devices fs kernel"
else
    allowed+=" block bus class dev devices kernel"
fi
# What root alone may read, if this is the kernel's root, and tells nothing of worth.
harmless='^tells .*/sys/(devices|fs|kernel|net|vm)/'
[ "$kind" = container ] || harmless='^tells /'

# --- as programs find them ---------------------------------------------------------------------

mkdir "$work/tools"
cp "$tools/kernel-files" "$work/tools"
chmod -R a+rX "$work/tools"
walker=(/usr/libvirt-sandbox-walker/kernel-files "$mounts")
walk_options=(-m "host-bind:/usr/libvirt-sandbox-walker=$work/tools,ro")

check_walk() {
    local name=$1 unknown
    check_status "$name: they are looked at" 0
    check_stdout_matches "$name: all of them" '^done$'
    check_equal "$name: none can be written" "" "$(grep -a '^write ' "$stdout" | head -n 5)"
    check_equal "$name: no mode can be set" "" "$(grep -a '^mode ' "$stdout" | head -n 5)"
    check_equal "$name: none tells what only root may know" "" \
        "$(grep -a '^tells ' "$stdout" | grep -avE "$harmless" | head -n 5)"
    unknown=$(sed -n 's/^shows //p' "$stdout" | sort -u | grep -vxF "${allowed//[[:space:]]/$'\n'}")
    check_equal "$name: none is there that nobody has thought of" "" "$unknown"
}

sandbox "${walk_options[@]}" -- "${walker[@]}" /proc /sys
check_walk "an ordinary program"
for file in cpuinfo filesystems loadavg meminfo stat sys uptime version; do
    check_stdout_matches "it has $file" "^shows $file\$"
done

# /srv is a bind of everything, with what was bound before.
sandbox "${walk_options[@]}" -m guest-bind:/mnt=/proc -m guest-bind:/srv=/ -m guest-bind:/media=/proc/sys \
    -m guest-bind:/opt=/proc/sys/kernel -- sh -c '
    for i in /mnt/sys/kernel/core_pattern /srv/proc/sys/kernel/core_pattern /media/kernel/core_pattern /opt/core_pattern; do
        [ -e $i ] || echo "missing $i"
    done
    exec "$@"' sh "${walker[@]}" /mnt /srv/proc /srv/sys
check_walk "bound elsewhere"
check_equal "bound elsewhere: they are there" "" "$(grep '^missing' "$stdout")"

sandbox -m guest-bind:/media=/proc/sys -m guest-bind:/opt=/proc/sys/kernel "${walk_options[@]}" -- \
    sh -c '"$@" && ls /media/kernel/core_pattern /opt/core_pattern' sh "${walker[@]}" /media /opt
check_status "what is below what is protected can be bound" 0
check_equal "and is, too" "" "$(grep -aE '^(write|mode) ' "$stdout" | head -n 5)"

sandbox -- sh -c 'nproc && lscpu >/dev/null && ip address show lo >/dev/null && cat /sys/class/net/lo/mtu &&
    cat /proc/self/mounts /proc/net/dev /proc/sys/kernel/ostype /sys/devices/system/cpu/online >/dev/null &&
    for i in /sys/class/zram-control/hot_add /sys/kernel/slab /proc/dynamic_debug/control /proc/timer_list; do
        { [ -f $i ] && [ -r $i ]; } || [ -n "$(ls -A $i/ 2>/dev/null)" ] && echo "there is $i"; done; test -e /proc/self/oom_score_adj'
check_status "what programs need is there" 0
if [ "$kind" = container ]; then
    check_equal "and the processors" "$(nproc)" "$(head -n 1 "$stdout")"
fi
check "what makes devices when it is read is not" test -z "$(grep 'there is' "$stdout")"

# --- as a program with capabilities does --------------------------------------------------------

uncover='
    grep -oE " /(srv/|mnt/)?(proc|sys)[^ ]* " /proc/self/mountinfo | sort -r | while read -r i; do
        umount -l "$i" && echo "unmounted $i"
        case $i in /proc | /srv/proc | /mnt) continue ;; esac
        mount -o remount,bind,rw "$i" && echo "made writable $i"
    done
    mkdir -p /tmp/p /tmp/s /tmp/r
    mount --rbind / /tmp/r && umount -l /tmp/r/proc/sys /tmp/r/proc/kmsg && echo "uncovered"
    mount -t proc proc /tmp/p && echo "new /proc"
    mount -t sysfs sysfs /tmp/s && echo "new /sys"
    unshare -n mount -t sysfs sysfs /tmp/s && echo "new /sys of a network"
    unshare -mpf mount -t proc proc /tmp/p && echo "new /proc of processes"
    unshare -Urmnpf mount -t proc proc /tmp/p && echo "new /proc of users"
    unshare -Urmnpf mount -t sysfs sysfs /tmp/s && echo "new /sys of users"'
if [ "$kind" = container ]; then
    sandbox -p "${walk_options[@]}" -m guest-bind:/srv=/ -m guest-bind:/mnt=/proc -- \
        sh -c "($uncover) 2>/dev/null; exec \"\$@\"" sh "${walker[@]}" /proc /sys /mnt /srv/proc /srv/sys
    check_walk "with all capabilities"
    check_equal "with them nothing is uncovered" "" "$(grep -aE '^(unmounted|made|uncovered|new)' "$stdout")"
    more=(-s seccomp=off)
else
    more=()
    sandbox -p -- sh -c 'test -w /proc/sys/kernel/core_pattern && test -d /sys/module && modprobe -a loop fuse tun &&
        for i in loop-control fuse net/tun null pts/ptmx; do test -c /dev/$i || echo "no $i"; done; ls -d /dev/shm /dev/fd'
    check_status "a privileged program has all of its own kernel" 0
    check_stdout "and the devices of the modules that it loads" $'/dev/fd\n/dev/shm'
fi
# In a machine who does not own the kernel's files may have a new /proc, as containers of his own need it.
if [ "$kind" = container ]; then
    sandbox "${more[@]}" -S nobody -- sh -c "unshare -Urmnpf true && echo can; ($uncover) 2>/dev/null"
    check_stdout "nor is it in a namespace of its own" can
else
    # User 0 cannot be mapped without capabilities, and is who he is.
    sandbox -S root -- sh -c 'unshare -Umnpf true && echo can; mkdir /tmp/p
        unshare -Umnpf mount -t proc proc /tmp/p && echo new
        unshare -Umnpf mount -t sysfs sysfs /tmp/p && echo new'
    check_stdout "user 0 has no new /proc in a namespace of his own" can
    sandbox "${walk_options[@]}" -S nobody -- unshare -Urmnpf sh -c '
        mkdir /tmp/p /tmp/s && mount -t proc proc /tmp/p && mount -t sysfs sysfs /tmp/s && mount -t proc proc /proc || exit
        umount /proc/sys || umount -l / || ls /stage-proc /sysroot && echo "outside of the root"
        exec "$@"' sh "${walker[@]}" /tmp/p /tmp/s
    check_status "another has" 0
    check_stdout_matches "which is looked at" '^done$'
    check_equal "and does not lead out of the root" "" "$(grep '^outside' "$stdout")"
    # What the kernel gives to everybody: pressure to be told of, and what is of its own namespaces.
    own=' /tmp/p/(pressure/|sys/net/|sys/user/|sys/kernel/ns_last_pid)'
    check_equal "in which nothing of the kernel can be written" "" \
        "$(grep -aE '^(write|mode) ' "$stdout" | grep -avE "$own" | head -n 5)"
    check_equal "and nothing tells what only root may know" "" "$(grep -a '^tells ' "$stdout" | grep -avE "$own" | head -n 5)"
fi

# --- roots that mean something else ---------------------------------------------------------------

mkdir -p "$root"/{proc,sys,dev,run,tmp,var/tmp,etc,bin,real/tmp}
cp "$tools/kernel-files" "$root/bin/kernel-files"
cp "$tools/kernel-files" "$root/bin/true"
chmod -R a+rX "$root"
check_link() {
    local name=$1
    shift
    rm -rf "${root:?}/$name"
    ln -s "${target:-real}" "$root/$name"
    sandbox -r "$root" "$@" -- kernel-files "$mounts" "/$name" /real
    check_message "/$name of the root may not be a link ($*)" 125 "mount /$name: it is a symbolic link in the root"
    rm "$root/$name"
    mkdir "$root/$name"
}
# A link whose meaning is another when /run is there.
ln -s ../real "$root/run/lock"
target=run/lock check_link proc
if [ "$kind" = container ]; then
    check_link proc --overlay
    for name in sys dev run tmp; do
        check_link "$name"
        check_link "$name" --overlay
    done
else
    check_link tmp --overlay
fi
rm -r "$root/run" "$root/var/tmp"
mkdir "$root/run"
ln -s ../real/tmp "$root/var/tmp"
ln -s ../run "$root/var/run"
sandbox -r "$root" -- kernel-files "$mounts" /proc
check_walk "a root with links below /var"
rm "$root/var/tmp" "$root/var/run"
rmdir "$root/tmp"
touch "$root/tmp"
sandbox -r "$root" -- true
check_message "what is no directory is refused as well" 125 "mount /tmp: Not a directory"
rm "$root/tmp"
mkdir "$root/tmp"

# --- a root that somebody changes meanwhile --------------------------------------------------------

# Each start ends in one of two ways: another directory than /proc has it, or one is refused.
race() {
    local first=$1 second=$2 turns=$3
    local refused=0 bad=''
    mkdir -p "$root/$second"
    "$tools/exchange-names" "$root/$first" "$root/$second" &
    exchanger=$!
    for ((i = 0; i < turns; i++)); do
        sandbox -r "$root" -- kernel-files "$mounts" "/$first" "/$second"
        if [ "$status" = 0 ]; then
            bad+=$(grep -aE '^(write|mode) ' "$stdout" | head -n 2)
        elif grep -qE "mount /$first: the root was changed meanwhile" "$stderr"; then
            refused=$((refused + 1))
        else
            bad+=$(cat "$stderr")
        fi
    done
    kill "$exchanger"
    wait "$exchanger" 2>/dev/null
    exchanger=''
    echo "# $refused of $turns refused"
    check_equal "/$first exchanged while it starts gives nothing" "" "$bad"
}
if [ "$kind" = container ]; then
    race proc other 15
    race sys others 5
fi

done_testing
