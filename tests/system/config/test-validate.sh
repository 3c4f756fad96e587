#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# --validate says what the host has of what a sandbox needs, and leaves nothing.
# drivers: embed embed-user session system lxc none

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

name=test-validate-$$

# validate OPTIONS…
validate() {
    run "$VIRT_SANDBOX" "${connect[@]}" -n "$name" --validate "$@"
}

# check_lines NAME STATUS: every line is one of ours, and fits the status.
check_lines() {
    local name=$1 expected=$2
    local failures=0
    check_status "$name: the status" "$expected"
    check_stderr "$name: nothing on standard error" ""
    check "$name: lines" test -s "$stdout"
    check_equal "$name: of that form" "" "$(grep -vE '^(PASS|WARN|FAIL)  [^:]+: .+$' "$stdout")"
    [ "$expected" = 0 ] || failures=1
    check_equal "$name: failures" "$failures" "$(grep -c '^FAIL' "$stdout")"
}

check_line() {
    check_stdout_matches "$1" "^$2"
}

if [ "$DRIVER" = none ]; then
    validate -c "lxc+unix:///?socket=$work/nowhere"
    check_lines "a libvirtd that is not there" 125
    check_line "it is the connection that fails" 'FAIL  connection: .*is libvirtd running'
    check_line "what needs no connection is looked at all the same" 'PASS  run directory: '
    validate -c qemu+ssh://host.example/system
    check_lines "a remote host" 125
    validate -c xen:///
    check_lines "a driver that is none of ours" 125
    LIBVIRT_DEFAULT_URI=qemu+ssh://host.example/system validate
    check_lines "a remote LIBVIRT_DEFAULT_URI" 125

    run "$VIRT_SANDBOX" --validate --save "$work/saved"
    check_message "--validate and --save" 125 "--validate.*--save"
    run "$VIRT_SANDBOX" --validate --print-xml -- true
    check_message "--validate and --print-xml" 125 "--validate.*--print-xml"
    run "$VIRT_SANDBOX" --json -- true
    check_message "--json without --validate" 125 "--json .*--validate"
    validate -c qemu+ssh://host.example/system --json
    check_stdout_matches "a failure in JSON" '^\{"level":"FAIL","what":"connection","detail":"connection qemu\+ssh.*"\}$'
    run "$VIRT_SANDBOX" --validate --memory nonsense
    check_message "a mistake in the options is said as ever" 125 "memory"
    done_testing
    exit
fi

validate
check_lines "a plain sandbox" 0
cp "$stdout" "$work/first"
check_line "the connection" 'PASS  connection: (qemu|lxc):///'
check_line "the driver" 'PASS  driver: (QEMU|LXC) of libvirt [0-9]+\.[0-9]+\.[0-9]+$'
check_line "where the state is" "PASS  run directory: $state_directory, .* free$"
check_line "init" 'PASS  init: /.*/libvirt-sandbox-init$'
check_line "the rest of the description" 'PASS  description: '
check_equal "what is free is written as in every locale" "" "$(grep ' free$' "$stdout" | grep -vE ', [0-9.]+ [KMGT]iB free$')"
check "no colour where there is no terminal" test -z "$(grep -F $'\033' "$stdout")"
if [[ $DRIVER = embed* ]]; then
    own=$(sed -n 's/^PASS  connection: .*root=//p' "$stdout")
    check "the embedded driver's directory is named" test -n "$own"
    check "and is gone" test ! -e "$own"
fi
check_nothing_left "nothing is left" "$name"

mkdir -m 777 "$work/written"
validate --json -m "host-bind:/mnt=$work/written"
check_status "the same for programs" 0
check "is JSON in every line" python3 -c 'import json, sys
for line in open(sys.argv[1]):
    finding = json.loads(line)
    assert finding["level"] in ("PASS", "WARN") and finding["what"] and finding["detail"], line' "$stdout"
check_equal "what a directory that is written over 9p lacks is told" "$([ "$kind" = machine ] && echo 1 || echo 0)" \
    "$(grep -c '"level":"WARN","what":"written directories","detail":"over 9p' "$stdout")"

cp "$work/first" "$stdout"
if [ "$kind" = machine ]; then
    check_line "how instructions are run" '(PASS|WARN)  virtualization: '
    check_line "QEMU, and its version" 'PASS  QEMU: /.*, version [0-9]+\.[0-9]+\.[0-9]+$'
    check_line "the kernel, and its modules" 'PASS  kernel: /[^/].*, with modules in /'
    check_line "the cache" 'PASS  boot image cache: /.*/libvirt-sandbox/boot, .* free$'

    validate --virt-type qemu
    check_lines "emulation that was asked for" 0
    check_line "is as it should be" 'PASS  virtualization: '

    validate --kernver 0.0
    check_lines "a kernel that is not there" 125
    check_line "it is named" 'FAIL  kernel: no kernel 0\.0: '
    validate --kernpath /etc/passwd
    check_lines "a kernel that is none" 125
    mkdir -p "$work/modules"
    touch "$work/modules/modules.dep"
    validate --kernpath "$(sed -n 's/^PASS  kernel: \(.*\), with .*/\1/p' "$work/first")" \
        --kmodpath "$work/modules"
    check_lines "a kernel without its modules" 125
    check_line "what is missing is named" "FAIL  kernel: .*$work/modules"
else
    check_line "cgroups" 'PASS  cgroups: version [12]$'
    check_line "user namespaces" 'PASS  user namespaces: '
    check_line "system call filters" 'PASS  system call filter: '
    validate --overlay
    check_lines "an overlay" 0
    check_line "needs a file system" 'PASS  overlay: '
    truncate -s 1M "$work/image"
    validate --disk "file:disk=$work/image,format=raw"
    check_lines "an image" 0
    check_line "needs loop devices" 'PASS  loop devices: /dev/loop-control$'
    validate -s seccomp=off
    check_lines "no filter" 0
    check_line "is no failure, but said" 'WARN  system call filter: '
    validate --virt-type qemu
    check_lines "what a container has not" 125
    check_line "is said" 'FAIL  description: virt-type: '
fi

validate -m host-bind:/mnt=/nonexistent/source
check_lines "a directory that is not there" 125
check_line "it is named" 'FAIL  description: mount /mnt: /nonexistent/source: '
validate -r /nonexistent/root
check_lines "a root that is not there" 125

case $DRIVER in
    embed*)
        validate -N user
        check_lines "user mode" 0
        check_line "needs QEMU's" 'PASS  user-mode network: (SLIRP: .+|passt)$'
        ;;
    system | lxc)
        validate -N source=test-no-network
        check_lines "a network that is not there" 125
        check_line "it is named" 'FAIL  description: network 0: .*test-no-network'
        ;;
esac

if [ "$DRIVER" = embed-user ]; then
    mkdir "$work/closed"
    chmod 555 "$work/closed"
    XDG_CACHE_HOME=$work/closed validate
    check_lines "a cache that cannot be written to" 125
    check_line "it is named" "FAIL  boot image cache: $work/closed/libvirt-sandbox/boot cannot be written to: "
    run env XDG_CACHE_HOME="$work/closed" "$VIRT_SANDBOX" -- true
    check_message "and a start says so, too" 125 "$work/closed"
fi

if [ "$DRIVER" = embed ]; then
    # What a terminal is given is not what a pipe is.
    run script -qec "'$VIRT_SANDBOX' --validate" /dev/null
    check "colours on a terminal" grep -qF $'\033[32mPASS\033[0m  connection: ' "$stdout"
    run env NO_COLOR=1 script -qec "'$VIRT_SANDBOX' --validate" /dev/null
    check "and not if they are not wanted" grep -q '^PASS  connection: ' "$stdout"
fi

if [ "$DRIVER" = embed ] || [ "$DRIVER" = lxc ]; then
    sandbox -- true
    check_status "where nothing failed a sandbox starts" 0
fi

done_testing
