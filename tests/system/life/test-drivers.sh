#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Every way to name a driver, and what can be chosen about the sandbox.
# drivers: embed embed-user session system lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

# --- connections ------------------------------------------------------------------------------

# works OPTIONS…: a program runs there as the caller.
works() {
    run "$VIRT_SANDBOX" "$@" -- sh -c 'id -u; exit 7'
    check_status "it works with \"$*\": status" 7
    check_stdout "it works with \"$*\": output" "$(id -u)"
    check_stderr "it works with \"$*\": no messages" ""
}

case $DRIVER in
    embed | embed-user)
        works
        mkdir -m 711 "$work/embed"
        works -c "qemu:///embed?root=$work/embed"
        works "--connect=qemu:///embed?root=$work/embed"
        works -c "qemu:///embed?root=$work/embed/made/anew"
        # As QEMU is called where a program of its user has started it in the same directory.
        (exec -a qemu-test bash -c 'while :; do sleep 1; done' "$work/embed/lib/qemu/domain-1-other/monitor.sock") &
        other=$!
        works -c "qemu:///embed?root=$work/embed"
        check "a machine of its user there runs on" test -e "/proc/$other/exe"
        kill -KILL "$other"
        wait "$other" 2>/dev/null
        if [ "$(id -u)" -eq 0 ]; then
            mkdir -m 700 "$work/closed"
            run "$VIRT_SANDBOX" -c "qemu:///embed?root=$work/closed" -- true
            check_message "a connection root that QEMU's user cannot enter" 125 "$work/closed.*a\+x"
        fi
        ;;
    session)
        works -c qemu:///session
        works -c qemu+unix:///session
        LIBVIRT_DEFAULT_URI=qemu:///session works
        ;;
    system)
        works -c qemu:///system
        works -c qemu+unix:///system
        LIBVIRT_DEFAULT_URI=qemu:///system works
        ;;
    lxc)
        works -c lxc:///
        works -c lxc:///system
        works -c lxc+unix:///
        LIBVIRT_DEFAULT_URI=lxc:/// works
        ;;
esac

# --- what it is made of -----------------------------------------------------------------------

sandbox --memory 384MiB --cpus 2 -- sh -c \
    'echo "kernel=$(uname -r)"; echo "cpus=$(nproc)"; sed -n "s/^MemTotal: *\([0-9]*\).*/memory=\1/p" /proc/meminfo'
check_status "--memory and --cpus are taken" 0
if [ "$kind" = container ]; then
    check_value "a container has the host's kernel" kernel "$(uname -r)"
else
    check "a machine has an installed kernel" test -d "/lib/modules/$(value kernel)"
    check_value "a machine has the processors it was given" cpus 2
    check "a machine has the memory it was given" \
        test "$(value memory)" -gt 250000 -a "$(value memory)" -le 393216

    # What follows does not depend on whose the machine is.
    if [ "$DRIVER" != embed ]; then
        done_testing
        exit
    fi

    sandbox --virt-type qemu --kernver "$(value kernel)" -- uname -a
    check_status "--virt-type and --kernver are taken" 0
    check_stdout_matches "the kernel is the one that was named" "^Linux "

    image=
    for modules in /lib/modules/*/; do
        version=$(basename "$modules")
        [ ! -r "/boot/vmlinuz-$version" ] || image=/boot/vmlinuz-$version
    done
    if [ -n "$image" ]; then
        sandbox --kernpath "$image" -- uname -r
        check_stdout "--kernpath boots that kernel" "${image#/boot/vmlinuz-}"
        sandbox --kernpath "$image" --kmodpath "/lib/modules/${image#/boot/vmlinuz-}" -- true
        check_status "--kmodpath is taken" 0
    else
        skip "--kernpath boots that kernel" "no readable kernel in /boot"
    fi

    sandbox -v -- true
    check_status "-v changes nothing for the program" 0
    check_stdout "-v says nothing on stdout" ""
    check "-v tells on stderr, line by line" grep -qx "virt-sandbox: the sandbox runs" "$stderr"
    check_equal "-v says each thing once" "$(sort "$stderr")" "$(sort -u "$stderr")"
fi

sandbox -r / -- sh -c 'exit 9'
check_status "-r / is the default" 9

sandbox -d -- echo only
check_stdout "-d keeps stdout clean" "only"
check "-d shows the guest's log" test -s "$stderr"

done_testing
