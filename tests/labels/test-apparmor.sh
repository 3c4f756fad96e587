# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Labels on a host that has AppArmor on, as Debian has.

# shellcheck source=tests/labels/lib.sh
. "$(dirname -- "$0")/lib.sh"

profile=sandbox-test
uuid=5e5fc1b1-6b4a-4c0c-9d5c-8d2f3c1f7a10
own=libvirt-$uuid

# is_gone PROFILE: the kernel does not know it any more.
is_gone() {
    [ -n "$1" ] && ! grep -q "^$1 " /sys/kernel/security/apparmor/profiles
}

# load_profile NAME: lets its program do all but read /secret, for a container's init mounts, changes the root
# and makes namespaces under its label.
load_profile() {
    cat >"$work/profile" <<-END
	#include <tunables/global>
	profile $1 flags=(attach_disconnected) {
	  capability,
	  file,
	  network,
	  mount,
	  umount,
	  pivot_root,
	  ptrace,
	  signal,
	  deny /secret r,
	}
	END
    apparmor_parser -r "$work/profile"
}

# --- the host ---------------------------------------------------------------------------------

last_command="virsh capabilities"
check_equal "libvirtd is confined" "libvirtd (enforce)" "$(label_of "$(pgrep -x libvirtd)")"
check_equal "libvirt has AppArmor for containers" apparmor \
    "$(virsh_here capabilities | sed -n 's:.*<model>\(.*\)</model>.*:\1:p' | grep -x apparmor)"
echo secret >/secret
check "a profile is loaded" load_profile $profile
check "and one for a container" load_profile $own

# --- containers -------------------------------------------------------------------------------

sandbox -- cat /proc/self/attr/current
check_status "a container starts without an option" 0
check_stdout "and has no profile" unconfined
sandbox -v -- true
check "which -v says" grep -q "has no AppArmor profile" "$stderr"
sandbox --validate -- true
check_stdout_matches "as does --validate" "^WARN *security labels: AppArmor, of which a container has nothing"

sandbox -s dynamic -- true
check_message "dynamic is refused" 125 "security label: AppArmor makes none .*static,label=libvirt-UUID"
sandbox -s dynamic,label=$profile -- true
check_message "and with a label" 125 "AppArmor makes no label from another"

# describe: a saved description with the uuid.
describe() {
    rm -f "$work/description"
    sandbox --save "$work/description" -- true
    sed -i "s/^\\[core\\]\$/&\\nuuid=$uuid/" "$work/description"
}

# described [OPTIONS] PROGRAM…: a container whose uuid is known.
described() {
    sandbox --config "$work/description" "$@"
}

describe
described -s static,label=$own -- cat /proc/self/attr/current
check_stdout "static is the program's profile" "$own (enforce)"
described -s static,label=$own -- cat /secret
check_equal "which is enforced" "1 cat: /secret: Permission denied" "$status $(cat "$stderr")"
described -s static,label=$own -p -- sh -c 'echo changeprofile unconfined >/proc/self/attr/current; cat /secret'
check "also with -p" grep -q "^cat: /secret: Permission denied" "$stderr"
sandbox -- cat /secret
check_stdout "without it nothing is" secret
start_waiting static --config "$work/description" -s static,label=$own
check "the container is up" container_processes static
check_equal "its init has the profile, as seen from outside" "$own (enforce)" "$(label_of "$init")"
check_equal "and the program" "$own (enforce)" "$(label_of "$program")"
finish_waiting
check_status "and it ends" 0

sandbox -s static,label=unconfined -- cat /proc/self/attr/current
check_stdout "static,label=unconfined is no profile" unconfined
sandbox -s static,label=$profile -- true
check_message "another profile is refused" 125 "security label $profile: AppArmor has none for a sandbox but"
apparmor_parser -R "$work/profile"
described -s static,label=$own -- true
check_message "and one that is not loaded" 125 "Invalid security label '$own'"

sandbox -s inherit -- cat /proc/self/attr/current
check_stdout "inherit without a profile is none" unconfined
run aa-exec -p $profile -- "$VIRT_SANDBOX" -c lxc:/// -s inherit -- true
check_message "and one that a container cannot have is refused" 125 "security label $profile: AppArmor has none"

# --- machines ---------------------------------------------------------------------------------

made='^libvirt-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12} \(enforce\)$'

# With an overlay, like the machine that this is, whose boot image is there.
connect=(--overlay) uri=
sandbox -m host-bind:/mnt=/usr/share/doc,ro -- true
check_message "what libvirt puts in no profile is refused" 125 \
    "mount source /usr/share/doc: libvirt makes no AppArmor profile with it"

# This one is waited for: all that a guest needs is in its profile.
start_waiting machine -m host-bind:/mnt=/srv,ro
label=$(label_of "$(host_process_of machine)")
check_label_matches "embedded driver: QEMU has a profile made for it" "$label" "$made"
finish_waiting
check_status "embedded driver: its program ends" 0
check_stdout "embedded driver: with its output" up
check "embedded driver: the profile is gone" is_gone "${label% *}"

sandbox -s static,label=$profile -- true
check_message "embedded driver: another profile is refused" 125 "security label $profile: AppArmor has none"
describe
load_profile $own
start_machine --config "$work/description" -s static,label=$own
check_equal "embedded driver: static is QEMU's profile" "$own (enforce)" "$(label_of "$qemu")"
end_machine "embedded driver"

connect=(-c qemu:///system --overlay) uri=qemu:///system
start_machine -s dynamic
label=$(label_of "$qemu")
check_label_matches "qemu:///system: QEMU has a profile made for it" "$label" "$made"
end_machine "qemu:///system"
check "qemu:///system: the profile is gone" wait_until 60 is_gone "${label% *}"

done_testing
