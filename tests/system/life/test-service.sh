#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Services: programs that run without anybody at the other end, and persistent domains of them.
# drivers: embed lxc system session
# seconds: 600

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

name=test-service-$$
program=$(dirname "$VIRT_SANDBOX")/../tests/system/api/service

case $DRIVER in
    lxc) lasting=/var/lib/libvirt-sandbox/lxc-system ;;
    system) lasting=/var/lib/libvirt-sandbox/qemu-system ;;
    *) lasting=${XDG_DATA_HOME:-$HOME/.local/share}/libvirt-sandbox/qemu-session ;;
esac

# service ACTION…
service() {
    run "$program" "$uri" "$name" "$@"
}

check_done() {
    check_status "$1" 0
    check_stderr "$1: no messages" ""
}

check_refused() {
    check_status "$1" 1
    check_stdout "$1: nothing on stdout" ""
    if [ "$(wc -l <"$stderr")" = 1 ] && grep -qE -- "$2" "$stderr"; then
        pass "$1: why"
    else
        flunk "$1: why" "expected one line: $2"
    fi
}

quietly() {
    "$@" >/dev/null
}

place=/var/lib/libvirt-sandbox-service-$$
clean_up() {
    umount "$place/ours/m" "$place/theirs/m" 2>/dev/null
    rm -rf "$place"
    [ -z "$uri" ] || "$program" "$uri" "$name" attach stop >/dev/null 2>&1
    [ -z "$uri" ] || "$program" "$uri" "$name" undefine >/dev/null 2>&1
    remove_work
}

# --- for a while ------------------------------------------------------------------------------

service start log:tick stop
check_done "a service starts, writes to its log and stops"
check_nothing_left "nothing is left of it" "$name"

service start
check_done "a service whose owner goes"
check_nothing_left "goes with it" "$name"

service "script:id -u; echo identity \$(id -u) input \$(wc -c); while :; do echo identity \$(id -u) input \$(wc -c </dev/stdin); sleep 0.2; done" \
    start "log:identity $(id -u) input 0" stop
check_done "a service runs as its caller, with an empty input"

service systemd start
check_refused "a systemd of its own is refused" "systemd.*generic service"
check_nothing_left "before anything is made" "$name"

service undefine
if [ "$DRIVER" = embed ]; then
    check_refused "an embedded driver has nothing to undefine" "embedded driver.*qemu:///session"
    service define
    check_refused "nor does it define anything" "embedded driver.*qemu:///session"
    done_testing
    exit
fi
check_refused "what is not defined cannot be undefined" "$name"

# --- to stay ----------------------------------------------------------------------------------

service "script:while :; do echo kept; sleep 0.2; done" define
check_done "a service is defined"
check "it has a directory" test -d "$lasting/$name"
check_equal "its domain is there and shut off" "shut off" "$(virsh_here domstate "$name" | head -n 1)"

service define
check_refused "a second one of that name is refused" "$name is defined or running already"
check "the first keeps its directory" test -d "$lasting/$name"

# Another context knows nothing but the name: what runs is what was defined.
service start log:kept
check_done "the library starts it"
check_equal "it goes on without its starter" "running" "$(virsh_here domstate "$name" | head -n 1)"

service undefine
check_refused "a running one is not undefined" "running; stop it first"

service attach log:kept detach
check_done "others can attach to it and leave it"
check_equal "it runs on" "running" "$(virsh_here domstate "$name" | head -n 1)"

sandbox -- true
check_status "other sandboxes come and go" 0
check_equal "it runs on beside them" "running" "$(virsh_here domstate "$name" | head -n 1)"

service attach stop
check_done "and stop it"
check_equal "it is defined still" "shut off" "$(virsh_here domstate "$name" | head -n 1)"

check "virsh starts it, too" quietly virsh_here start "$name"
service attach log:kept
check_done "as the same service"
if [ "$kind" = container ]; then
    check "virsh shuts it down" quietly virsh_here shutdown "$name" --mode signal
    is_off() {
        [ "$(virsh_here domstate "$1" | head -n 1)" = "shut off" ]
    }
    check "and it obeys" wait_until 20 is_off "$name"
else
    check "virsh ends it" quietly virsh_here destroy "$name"
fi

service undefine
check_done "it is undefined"
check_nothing_left "nothing is left of it" "$name"
check "nor of its files" test ! -e "$lasting/$name" -a ! -e "$lasting/$name.lock"

# As after the next boot of the host: the same file systems have other numbers.
if [ "$kind" = container ]; then
    mkdir -p "$place/ours/m" "$place/theirs/m"
    mount_all() {
        local whose
        for whose; do
            mount -t tmpfs "$whose" "$place/$whose/m" && echo "$whose" >"$place/$whose/m/file"
        done
    }
    mount_all ours theirs
    chown nobody "$place/theirs"
    service "script:while :; do echo has \$(cat $place/*/m/file 2>/dev/null); sleep 0.2; done" define
    check_done "a service with file systems below its root"
    umount "$place/ours/m" "$place/theirs/m"
    mount_all theirs ours
    service start "log:has ours" stop
    check_done "it has those whose way nobody else can change"
    service undefine
fi

# --- others' domains --------------------------------------------------------------------------

type=lxc os='<type>exe</type><init>/bin/true</init>'
[ "$kind" = container ] || { type=qemu os="<type arch='$(uname -m)'>hvm</type>"; }
cat >"$work/foreign.xml" <<END
<domain type='$type'><name>$name</name><memory unit='MiB'>64</memory><os>$os</os></domain>
END
check "somebody else has a domain of that name" quietly virsh_here define "$work/foreign.xml"
service undefine
check_refused "which is not ours to undefine" "not defined as a service"
service define
check_refused "nor to replace" "$name is defined or running already"
check "it is still there" quietly virsh_here dominfo "$name"
virsh_here undefine "$name" >/dev/null

done_testing
