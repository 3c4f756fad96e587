# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Labels on a host that has SELinux on. It does not enforce them, as Debian's policy is not made for the
# host that a machine of ours is; what is tested is which label a process has.

# shellcheck source=tests/labels/lib.sh
. "$(dirname -- "$0")/lib.sh"

own=$(label_of self)
categories='c[0-9]+,c[0-9]+'

# --- the host ---------------------------------------------------------------------------------

last_command="virsh capabilities"
check_equal "libvirt has SELinux for containers" selinux \
    "$(virsh_here capabilities | sed -n 's:.*<model>\(.*\)</model>.*:\1:p' | grep -x selinux)"
container=$(sed -n 's/^process = "\(.*\):s0"$/\1/p' /etc/selinux/default/contexts/lxc_contexts)
check "there is a label for containers" test -n "$container"
machine=$(sed -n '1s/:s0$//p' /etc/selinux/default/contexts/virtual_domain_context)
check "and one for machines" test -n "$machine"

# --- containers -------------------------------------------------------------------------------

# inside_label [OPTIONS]: what a program in a container reads of itself, in $label.
inside_label() {
    sandbox "$@" -- sh -c 'tr -d "\000" </proc/self/attr/current'
    label=$(cat "$stdout")
}

inside_label
check_status "a container starts without an option" 0
check_label_matches "and has a label made for it" "$label" "^$container:s0:$categories\$"
first=$label
inside_label -s dynamic
check_label_matches "as with dynamic" "$label" "^$container:s0:$categories\$"
check "which is another each time" test "$label" != "$first"
inside_label -s dynamic,label=system_u:system_r:initrc_t:s0
check_label_matches "dynamic takes a base" "$label" "^system_u:system_r:initrc_t:s0:$categories\$"

inside_label -s "static,label=$container:s0:c1\\,c2"
check_equal "static is the program's label" "$container:s0:c1,c2" "$label"
start_waiting static -s "static,label=$container:s0:c3\\,c4"
check "the container is up" container_processes static
check_equal "its init has the label, as seen from outside" "$container:s0:c3,c4" "$(label_of "$init")"
check_equal "and the program" "$container:s0:c3,c4" "$(label_of "$program")"
finish_waiting
check_status "and it ends" 0
sandbox -s static,label=no_u:no_r:no_t:s0 -- true
check_message "a label that the policy does not know is refused" 125 "no_u:no_r:no_t:s0"
inside_label -s inherit
check_equal "inherit is the label of virt-sandbox" "$own" "$label"
sandbox --validate -- true
check_stdout_matches "--validate says what the host has" "^PASS *security labels: SELinux$"

# --- machines ---------------------------------------------------------------------------------

# With an overlay, like the machine that this is, whose boot image is there.
connect=(--overlay) uri=
# shellcheck disable=SC2119 # no options
start_machine
check_label_matches "embedded driver: QEMU has a label made for it" "$(label_of "$qemu")" \
    "^$machine:s0:$categories\$"
end_machine "embedded driver"

done_testing
