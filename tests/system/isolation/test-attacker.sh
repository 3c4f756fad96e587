#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A program that tries to get out, by every way that has led out of some sandbox before.
# drivers: embed lxc embed-user
# seconds: 300

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

name=attack-$$
# In the host's root, which both drivers show inside, and where everybody gets.
place=/var/lib/libvirt-sandbox-$name
[ "$(id -u)" = 0 ] || place=$HOME/$name
attacker=$place/attacker prize=$place/prize setuid=$place/setuid
socket=/run/$name.socket
[ "$(id -u)" = 0 ] || socket=$XDG_RUNTIME_DIR/$name.socket
daemon='' sleeper=''
clean_up() {
    kill "$daemon" "$sleeper" 2>/dev/null
    rm -rf "$place" "$socket"
    remove_work
}

mkdir -m 755 "$place"
echo untouched >"$prize"
for program in "$attacker" "$setuid"; do
    cp "$(dirname "$VIRT_SANDBOX")/../tests/system/isolation/attacker" "$program"
done
chmod 4755 "$setuid"
mkdir -m 777 "$work/bound"
sleep 1000 &
sleeper=$!

# A daemon of the host, at a named and an abstract socket.
python3 -c '
import signal, socket, sys
sockets = []
for name in sys.argv[1], "\0" + sys.argv[2]:
    sockets.append(socket.socket(socket.AF_UNIX))
    sockets[-1].bind(name)
    sockets[-1].listen()
print("up", flush=True)
signal.pause()' "$socket" "$name" >"$work/daemon" &
daemon=$!
check "a daemon of the host listens" wait_until 20 grep -q up "$work/daemon"

targets=("boot=$(cat /proc/sys/kernel/random/boot_id)" "mounts=$(readlink /proc/self/ns/mnt)"
    "prize=$prize" "setuid=$setuid" "socket=$socket" "abstract=$name" "pid=$sleeper" "key=$name")

# attack OPTIONS…: the attacker's lines are left in $stdout.
attack() {
    sandbox "$@" -m "host-bind:/mnt=$work/bound" -- "$attacker" "${targets[@]}" bound=/mnt
    # What comes from a terminal has its line ends, and shows what was typed.
    sed 's/^ *//; s/\r$//' "$stdout" >"$work/lines"
    cp "$work/lines" "$stdout"
}

# check_attack NAME ALLOWED…: nothing was possible but what matches one of the patterns.
check_attack() {
    local name=$1
    local line attack pattern allowed
    shift
    check_status "$name: the attacker runs" 0
    check "$name: it tries all it knows" test "$(wc -l <"$stdout")" -ge 40
    while IFS= read -r line; do
        attack=${line%=*}
        allowed=no
        for pattern; do
            # shellcheck disable=SC2053
            [[ $attack != $pattern ]] || allowed=yes
        done
        [ "$allowed" = yes ] || check_equal "$name: $attack" "$attack=no" "$line"
    done <"$stdout"
}

# A kernel of its own, of which every program may have what the kernel gives to all.
if [ "$kind" = machine ]; then
    own=('kernel.vsock*' inside.user_namespace kernel.io_uring inside.set_user_id inside.type_into_terminal)
    own_as_root=('kernel.*' 'inside.*')
else
    own=()
    own_as_root=('inside.*')
fi

attack
check_attack "an ordinary program" "${own[@]}"

attack -t
check_attack "with a terminal" "${own[@]}"

if [ "$(id -u)" = 0 ]; then
    attack -S nobody
    check_attack "as nobody" "${own[@]}"

    attack -p
    check_attack "a privileged program" "${own_as_root[@]}"

    if [ "$kind" = container ]; then
        attack -s seccomp=off
        check_attack "without a filter" 'inside.*' 'kernel.vsock*' kernel.io_uring
    fi
fi

# Programs of 32 bits, which have another way to make sockets: theirs are as those of others, but no vsock.
if [ "$kind" = container ] && [ "$("$attacker" --socketcall 1 1)" = "family 1, mine, kept by exec" ]; then
    for options in "" "-S nobody" "-p"; do
        # shellcheck disable=SC2086
        sandbox $options -- sh -c 'for kind in "1 1" "2 0x80002" "10 1" "16 3" "17 3" "40 1"; do
            "$0" --socketcall $kind; done' "$attacker"
        check_stdout "sockets of programs of 32 bits${options:+, with $options}" "family 1, mine, kept by exec
family 2, mine, closed by exec
family 10, mine, kept by exec
family 16, mine, kept by exec
Operation not permitted
Address family not supported by protocol"
    done
    sandbox -p -- unshare --net "$attacker" --socketcall 2 2
    check_stdout "they are of the network in which the program is" "family 2, mine, kept by exec"
elif [ "$kind" = container ]; then
    skip "sockets of programs of 32 bits" "this kernel runs none"
fi

# The keys of whom the container's daemon was started by.
if [ "$DRIVER" = lxc ]; then
    run "$attacker" --with-key "$name" "$TEST_DIRECTORY/with-libvirt" "$VIRT_SANDBOX" "${connect[@]}" -p \
        -- "$attacker" "${targets[@]}" bound=/tmp
    check_attack "where the daemon has keys" "${own_as_root[@]}"
fi

check_equal "the host's file is as it was" untouched "$(cat "$prize")"
check "the host's process still runs" kill -0 "$sleeper"

done_testing
