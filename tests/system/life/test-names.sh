#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Sandboxes beside each other, and names.
# drivers: embed lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

# --- one whose group another is still making --------------------------------------------------

# The group of all containers, as the first of them makes it: it has no processors yet.
cpuset=/sys/fs/cgroup/cpuset
groups=$cpuset/machine
what="a container waits for the group that another one makes"
if [ "$DRIVER" = lxc ] && [ -e $cpuset/cpuset.cpus ] && mkdir $groups; then
    early=''
    start early -- echo hi
    # At once, as the other container would.
    began=$SECONDS
    until grep -q "guest failed to start" /run/with-libvirt/libvirtd.log || has_ended "$early" ||
        [ $((SECONDS - began)) -gt "$limit" ]; do
        :
    done
    check "libvirt refuses a container while its group has no processors" \
        grep -q "guest failed to start" /run/with-libvirt/libvirtd.log
    for setting in cpuset.mems cpuset.cpus; do
        cat "$cpuset/$setting" >"$groups/$setting"
    done
    finish early
    check_status "$what: its status" 0
    check_stdout "$what: its output" "hi"
    check_stderr "$what: no messages" ""
elif [ "$DRIVER" = lxc ]; then
    skip "$what" "there are no cpusets of version 1"
fi

# --- four at once -----------------------------------------------------------------------------

for i in 1 2 3 4; do
    mkfifo "$work/at_once_$i.in"
    start "at_once_$i" -- sh -c "echo up; read -r line; echo \"\$line\"; exit 2$i"
done
# A fifo opens when both ends are there: each has its own.
exec 11>"$work/at_once_1.in" 12>"$work/at_once_2.in" 13>"$work/at_once_3.in" 14>"$work/at_once_4.in"
all_up=yes
for i in 1 2 3 4; do
    wait_for_output "at_once_$i" up || all_up="not $i: $(<"$work/at_once_$i.err")"
done
check_equal "four sandboxes run at the same time" yes "$all_up"
echo "for one" >&11
echo "for two" >&12
echo "for three" >&13
echo "for four" >&14
words=(x one two three four)
for i in 1 2 3 4; do
    finish "at_once_$i"
    check_status "sandbox $i of 4 has its own status" "2$i"
    check_stdout "sandbox $i of 4 has its own input and output" $'up\nfor '"${words[i]}"
    check_stderr "sandbox $i of 4 brings no messages" ""
done
exec 11>&- 12>&- 13>&- 14>&-

# --- two of one name --------------------------------------------------------------------------

name=test-name-$$
mkfifo "$work/first.in"
start first -n "$name" -- sh -c 'echo up; read -r line; echo "$line"; exit 21'
exec 11>"$work/first.in"
check "a named sandbox runs" wait_for_output first up
check "its domain has its name" host_process_of "$name"
if [ -n "$uri" ]; then
    check "virsh lists it" grep -qx "$name" <(virsh_here list --name)
fi
check "its state directory has its name" test -d "$state_directory/$name"
check "which others cannot list or write" \
    grep -qxE '7[01][01]' <(stat -c %a "$state_directory/$name")

sandbox -n "$name" -- echo second
check_message "a second one of the same name is refused" 125 "$name"

echo "still here" >&11
exec 11>&-
finish first
check_status "the first is untouched: its status" 21
check_stdout "the first is untouched: its input and output" $'up\nstill here'
check_nothing_left "nothing is left of it" "$name"

sandbox -n "$name" -- echo again
check_stdout "the name can be used again" "again"
for again in 1 2 3; do
    sandbox -n "$name" -- sh -c "exit $again"
    check_status "and again at once, $again" "$again"
done
check_nothing_left "and again nothing is left" "$name"

# --- names that cannot be ---------------------------------------------------------------------

long=$(head -c 300 /dev/zero | tr '\0' n)
for bad in "" "a/b" "../up" "." ".." $'new\nline' "$long" "${long:0:65}" .hidden .1a2b \
    "$name.lock" .lock $'a\377\233b'; do
    sandbox -n "$bad" -- true
    check_message "the name \"$(one_line "$(cat -v <<<"${bad:0:20}")")\" is refused" 125 "name: "
done

check "what is no text is shown as the bytes that it is" grep -qF 'a\xff\x9bb' "$stderr"

longest=$name-${long:0:$((63 - ${#name}))}
sandbox -n "$longest" -- uname -n
check_stdout "a name can have 64 bytes, and is that of the host" "$longest"
check_nothing_left "and nothing is left of it" "$longest"

# --- the name of the host ---------------------------------------------------------------------

# The words are the shell's in the sandbox.
# shellcheck disable=SC2016
told='uname -n; grep -c "^127\.0\.1\.1[[:space:]]$(uname -n)\$" /etc/hosts'
sandbox -n "$name" --hostname db-1.Example.org -- sh -c "$told"
check_stdout "--hostname is the name of the host, and /etc/hosts has it" $'db-1.Example.org\n1'
sandbox -n "$name" --hostname db-1 --save "$work/hosted" -- sh -c "$told"
sandbox --config "$work/hosted"
check_stdout "it is saved" $'db-1\n1'
for bad in "" a_b -a a. "${long:0:65}" "${long:0:64}"; do
    sandbox --hostname "$bad" -- true
    check_message "the host name \"${bad:0:20}\" is refused" 125 "hostname"
done

done_testing
