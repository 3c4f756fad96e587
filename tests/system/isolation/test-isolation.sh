#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What a program inside cannot do.
# drivers: embed lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

marker=/tmp/libvirt-sandbox-marker-$$
lasting=/var/tmp/libvirt-sandbox-marker-$$
shared=/dev/shm/libvirt-sandbox-marker-$$
touch "$marker" "$lasting" "$shared"
sleep 4321.$$ &
sleeper=$!
# A host file that root may write and QEMU's user may read: what a sandbox must not write.
prize=/var/lib/libvirt-sandbox-isolation-$$@$DRIVER
echo untouched >"$prize"
clean_up() {
    rm -f "$marker" "$lasting" "$shared" "$prize" "$prize.intruder"
    rm -f /etc/libvirt-sandbox-intruder /usr/libvirt-sandbox-intruder /libvirt-sandbox-intruder
    kill "$sleeper"
    remove_work
}

# The probes try to do harm. Where a broken sandbox lets them run on the host itself, they shall not
# even begin: another kernel or other mounts than ours, or nothing.
probe_common() {
    printf 'host_boot=%q host_mounts=%q\n' \
        "$(cat /proc/sys/kernel/random/boot_id)" "$(readlink /proc/self/ns/mnt)"
    cat <<'END'
mounts=$(readlink /proc/self/ns/mnt)
boot=$(cat /proc/sys/kernel/random/boot_id)
if [ -z "$mounts" ] || [ -z "$boot" ] ||
    { [ "$boot" = "$host_boot" ] && [ "$mounts" = "$host_mounts" ]; }; then
    echo "not in a sandbox: nothing is tried" >&2
    exit 99
fi
say() {
    name=$1
    shift
    if "$@" >/dev/null 2>&1; then echo "$name=yes"; else echo "$name=no"; fi
}
writes() {
    echo intruder >"$1"
}
# What would hurt the host if it worked is opened for writing only.
opens() {
    true >>"$1"
}
END
    printf 'marker=%q lasting=%q shared=%q prize=%q number=%q\n' \
        "$marker" "$lasting" "$shared" "$prize" "$$"
}

# --- an ordinary program ----------------------------------------------------------------------

{
    probe_common
    cat <<'END'
say write_prize writes "$prize"
say write_etc touch /etc/libvirt-sandbox-intruder
say write_usr touch /usr/libvirt-sandbox-intruder
say write_root touch /libvirt-sandbox-intruder
say read_prize cat "$prize"
say see_tmp test -e "$marker"
say see_var_tmp test -e "$lasting"
say see_shm test -e "$shared"
for directory in /tmp /var/tmp /dev/shm; do
    say "write_$(echo $directory | tr / _)" touch "$directory/mine"
done
say libvirtd test -e /run/libvirt/libvirt-sock
say libvirtd_old test -e /var/run/libvirt/libvirt-sock
say dbus test -e /run/dbus/system_bus_socket
say see_process sh -c "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -q 'sleep 4321[.]$number'"
echo "processes=$(ls -d /proc/[0-9]* | wc -l)"
echo "interfaces=$(ls /sys/class/net | xargs)"
echo "devices=$(sed -n 's/^ *\([^ :]*\):.*/\1/p' /proc/net/dev | xargs)"
say loopback grep -qx 0x9 /sys/class/net/lo/flags
say routes grep -qv '^Iface' /proc/net/route
say mount_tmpfs mount -t tmpfs none /mnt
say remount mount -o remount,rw /
say sysctl opens /proc/sys/kernel/hostname
say sysrq opens /proc/sysrq-trigger
say core_pattern opens /proc/sys/kernel/core_pattern
say sethostname hostname intruder
say userns unshare -U true
say mknod mknod /tmp/disk b 1 0
for device in kvm mem kmsg port vda sda loop0 loop-control fuse; do
    say "device_$device" head -c 1 "/dev/$device"
done
say null writes /dev/null
say zero head -c 1 /dev/zero
say urandom head -c 1 /dev/urandom
for set in CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs Seccomp; do
    echo "$set=$(sed -n "s/^$set:\t//p" /proc/self/status)"
done
END
} >"$work/probe"
sandbox -- sh <"$work/probe"
check_status "the probe runs" 0
[ "$status" = 0 ] || { done_testing; exit; }
for what in write_prize write_etc write_usr write_root; do
    check_value "the root is read-only ($what)" "$what" no
done
check_value "the root can be read" read_prize yes
for what in see_tmp see_var_tmp see_shm; do
    check_value "temporary directories are its own ($what)" "$what" no
done
for what in write__tmp write__var_tmp write__dev_shm; do
    check_value "temporary directories can be written ($what)" "$what" yes
done
for what in libvirtd libvirtd_old dbus; do
    check_value "no daemon of the host is in reach ($what)" "$what" no
done
check_value "no process of the host is in sight" see_process no
check "few processes are in sight" test "$(value processes)" -lt 150
check_value "only the loopback interface (sysfs)" interfaces lo
check_value "only the loopback interface (proc)" devices lo
check_value "the loopback is up" loopback yes
check_value "no routes" routes no
for what in mount_tmpfs remount sethostname mknod; do
    check_value "no such power ($what)" "$what" no
done
# A machine has a kernel and devices of its own.
if [ "$kind" = container ]; then
    for what in sysctl sysrq core_pattern; do
        check_value "no such power ($what)" "$what" no
    done
    for device in kvm mem kmsg port vda sda loop0 loop-control fuse; do
        check_value "no device /dev/$device" "device_$device" no
    done
fi
for device in null zero urandom; do
    check_value "the harmless /dev/$device works" "$device" yes
done
for set in CapInh CapPrm CapEff CapBnd CapAmb; do
    check_value "$set is empty" "$set" 0000000000000000
done
check_value "no new privileges" NoNewPrivs 1
if [ "$kind" = container ]; then
    check_value "a seccomp filter is on" Seccomp 2
    for option in -T -p; do
        sandbox "$option" -s seccomp=off -- grep Seccomp: /proc/self/status
        check_stdout "and off if it is switched off ($option)" $'Seccomp:\t0'
    done
    sandbox -- unshare -U true
    check_status "with it a program has no user namespace" 1
    sandbox -s dynamic,seccomp=off -- unshare -U true
    check_status "without it has one" 0
    sandbox -S nobody -s seccomp=off -- sh -c 'grep NoNewPrivs: /proc/self/status
        unshare -Urm mount -t tmpfs none /mnt && unshare -Urm mount -o remount,bind,rw /'
    check_status "the root stays read-only all the same" 32
    check_stdout_matches "and there are no new privileges" 'NoNewPrivs:.1'
    run "$VIRT_SANDBOX" "${connect[@]}" -s seccomp=off --save "$work/saved" -- grep Seccomp: /proc/self/status
    run "$VIRT_SANDBOX" "${connect[@]}" --config "$work/saved"
    check_stdout "a saved description knows it" $'Seccomp:\t0'
else
    sandbox -n "test-seccomp-$$" -s seccomp=off -- true
    check_message "a machine has no filter to switch off" 125 "seccomp=off"
    check_nothing_left "and nothing is left of that" "test-seccomp-$$"
fi

# --- labels -----------------------------------------------------------------------------------

run "$VIRT_SANDBOX" "${connect[@]}" --validate
labels=$(sed -n 's/^PASS  security labels: //p' "$stdout")
check "the host has labels or has none" test -n "$labels"
if [[ $labels = none* ]]; then
    for option in static,label=some:label dynamic,label=some:label; do
        sandbox -n "test-label-$$" -s "$option" -- true
        check_message "$option cannot be where there are none" 125 \
            "security label some:label: .*neither SELinux nor AppArmor"
        check_nothing_left "and nothing is left of that ($option)" "test-label-$$"
    done
    run "$VIRT_SANDBOX" "${connect[@]}" -s dynamic --print-xml -- true
    check_status "dynamic is what every sandbox has" 0
    check "and adds nothing where there are none" \
        test -z "$(grep -E "<seclabel.*(selinux|apparmor)" "$stdout")"
else
    skip "a label cannot be where there are none" "this host has $labels"
fi
if [ ! -s /proc/self/attr/current ] && ! cat /proc/self/attr/current >/dev/null 2>&1; then
    sandbox -n "test-label-$$" -s inherit -- true
    check_message "there is no label to inherit" 125 "inherit: this host has no security labels"
else
    skip "there is no label to inherit" "this host has labels"
fi

# --- a privileged one -------------------------------------------------------------------------

# Whatever it does to its own view, the host's files and daemons stay out of reach.
{
    probe_common
    cat <<'END'
mount -o remount,rw / 2>/dev/null
mount -o remount,rw,bind / 2>/dev/null
for directory in /run /tmp /var/tmp /dev/shm; do
    umount "$directory" 2>/dev/null
    umount -l "$directory" 2>/dev/null
done
say write_prize writes "$prize"
say remove_prize rm -f "$prize"
say write_etc touch /etc/libvirt-sandbox-intruder
say see_tmp test -e "$marker"
say see_var_tmp test -e "$lasting"
say see_shm test -e "$shared"
say libvirtd test -S /run/libvirt/libvirt-sock
say dbus test -S /run/dbus/system_bus_socket
say see_process sh -c "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -q 'sleep 4321[.]$number'"
say kernel_setting opens /proc/sys/kernel/core_pattern
say sysrq opens /proc/sysrq-trigger
mknod "/dev/intruder" b 254 0 2>/dev/null || mknod /tmp/intruder b 254 0 2>/dev/null
say host_disk sh -c 'head -c 1 /dev/intruder || head -c 1 /tmp/intruder'
mkdir -p /tmp/bound && mount --bind / /tmp/bound 2>/dev/null
mount -o remount,rw,bind /tmp/bound 2>/dev/null
say write_bound touch "/tmp/bound$prize.intruder"
say kill_everything kill -KILL "$sleeper"
END
} >"$work/probe"
pattern=$(cat /proc/sys/kernel/core_pattern)
sandbox -p -e "sleeper=$sleeper" -- sh <"$work/probe"
check_status "the privileged probe runs" 0
for what in write_prize remove_prize write_etc write_bound; do
    check_value "privileged: the host's files stay ($what)" "$what" no
done
check_value "privileged: no process of the host is in sight" see_process no
if [ "$kind" = container ] || shows_trees; then
    for what in see_tmp see_var_tmp see_shm; do
        check_value "privileged: temporary directories are its own ($what)" "$what" no
    done
    for what in libvirtd dbus; do
        check_value "privileged: no daemon of the host is in reach ($what)" "$what" no
    done
fi
if [ "$kind" = container ]; then
    for what in kernel_setting sysrq host_disk; do
        check_value "privileged: the host's kernel is out of reach ($what)" "$what" no
    done
fi
check_equal "the host's file is as it was" untouched "$(cat "$prize")"
check "nothing was written beside it" test ! -e "$prize.intruder"
check_equal "the host's kernel settings are as they were" "$pattern" \
    "$(cat /proc/sys/kernel/core_pattern)"
check "the host's process still runs" kill -0 "$sleeper"
check "nothing was left in the host's /etc" test ! -e /etc/libvirt-sandbox-intruder
check "nothing was left in the host's /" test ! -e /libvirt-sandbox-intruder

done_testing
