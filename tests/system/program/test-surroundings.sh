#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What a caller hands on without a thought - umask, signals, directories, home - keeps no sandbox from starting, and is
# as it was afterwards.
# drivers: embed embed-user session lxc
# seconds: 900

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

name=test-surroundings-$$
program=$VIRT_SANDBOX

# --- a hardened caller that waits for no child, in a directory that is gone --------------------

# Nobody can make a lock in /var/lock: for ordinary users that is so already.
without_locks=''
[ "$DRIVER" != embed ] || without_locks="unshare -m --propagation private sh -c \
    'mount -t tmpfs -o mode=755,nr_inodes=1 none \"\$(realpath /var/lock)\" && exec \"\$@\"' sh"
cat >"$work/caller" <<END
#!/bin/sh
mkdir "$work/gone" && cd "$work/gone" && rmdir "$work/gone"
umask 077
ulimit -S -n 24
exec env --ignore-signal=CHLD --block-signal=CHLD,USR1,TERM,ALRM $without_locks "$program" "\$@"
END
chmod 755 "$work/caller"
echo secret >"$work/secret"
chmod 600 "$work/secret"

VIRT_SANDBOX=$work/caller
start odd -n "$name" -d -m host-bind:/fresh= -m ram:/scratch=1MiB -i "/scratch/file=$work/secret" --overlay -- sh -c '
    trap "echo told; exit 7" TERM
    touch /fresh/file && cat /scratch/file
    sleep 300 & wait'
VIRT_SANDBOX=$program
check "a sandbox starts with umask 077, SIGCHLD ignored, no directory, few descriptors and no locks" wait_for_output odd secret
# shellcheck disable=SC2154 # start sets it
check_equal "the umask of its starter stays as it is" 0077 "$(sed -n 's/^Umask:\t//p' "/proc/$odd/status")"
check_equal "and nothing becomes readable by others" "" \
    "$(find "$state_directory/$name" -type f -perm /027 ! -name '*.log' 2>/dev/null)"
check_equal "nothing that is secret least of all" "" \
    "$(find "$state_directory/$name" -type f -perm /077 -exec grep -l '^secret$' {} + 2>/dev/null)"
check_equal "nor can others connect to anything" "" "$(find "$state_directory/$name" -type s -perm /002 2>/dev/null)"
kill -TERM "$odd"
finish odd
check_status "the signals that it had blocked reach the program" 7
check_stdout "which answers" "secret
told"
check "the log of the guest is there" grep -q 'libvirt-sandbox-init\|Linux version\|init:' "$stderr"
check_nothing_left "nothing is left" "$name"

# --- libvirtd that does not let us in ----------------------------------------------------------

if [ "$DRIVER" = embed-user ] && [ -x /usr/bin/python3 ]; then
    /usr/bin/python3 -c 'import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$work/closed.socket"
    chmod 060 "$work/closed.socket"
    run "$VIRT_SANDBOX" -c "lxc+unix:///?socket=$work/closed.socket" -- true
    check_message "who may use libvirtd's socket is said" 125 "$work/closed.socket is for members of the group $(id -gn)"
    chmod 600 "$work/closed.socket"
    run "$VIRT_SANDBOX" -c "lxc+unix:///?socket=$work/closed.socket" -- true
    check_message "where nobody serves it the question is another" 125 "is libvirtd running"
fi

# --- homes and runtime directories that are none -----------------------------------------------

# bare NAME=VALUE… PROGRAM…: with these variables and no others.
bare() {
    local variables=("PATH=$PATH")
    while [[ $1 = *=* ]]; do
        variables+=("$1")
        shift
    done
    run env -i "${variables[@]}" "$VIRT_SANDBOX" -- "$@"
}

if [ "$DRIVER" = embed-user ]; then
    bare HOME=/nonexistent sh -c 'echo "$HOME $USER"; exit 3'
    check_status "a home that cannot be" 3
    check_stdout "is that of the program all the same" "/nonexistent $(id -un)"
    check_stderr "without a word" ""
    check "libvirt has its places in our state directory" test -d "$state_directory/.home/run/libvirt"
    check "and so has what is booted" test -d "$state_directory/.home/.cache/libvirt-sandbox/boot"
    check_equal "closed to others" 700 "$(stat -c %a "$state_directory/.home")"
    bare HOME=/ XDG_RUNTIME_DIR=/run/as-user sh -c 'exit 4'
    check_status "the home / and another user's runtime directory" 4
    check_stderr "are taken as they are" ""
    bare XDG_RUNTIME_DIR=/run/nowhere XDG_CACHE_HOME="$XDG_CACHE_HOME" sh -c 'exit 5'
    check_status "no home, and a runtime directory that is not there" 5
    check_stderr "are no matter either" ""
    mkdir "$work/home"
    bare HOME="$work/home" sh -c 'echo "$XDG_RUNTIME_DIR"; exit 6'
    check_status "a home that can be used" 6
    check "is used" test -d "$work/home/.cache/libvirt-sandbox/boot"
fi

if [ "$DRIVER" = embed ]; then
    AS_USER_NAME=no run "$TEST_DIRECTORY/as-user" env -i PATH="$PATH" HOME=/ "$VIRT_SANDBOX" -- sh -c 'id -u; echo "$USER"'
    check_status "a user without a name, as in a container" 0
    check_stdout "is known by his number" "65533
65533"
    check_stderr "without a word" ""
    AS_USER_NAME=no run "$TEST_DIRECTORY/as-user" env -i PATH="$PATH" "$VIRT_SANDBOX" -- sh -c 'echo "$HOME"'
    check_status "and without a home" 0
    check_stdout "has the root for one" /
    check_stderr "without a word, too" ""
fi

done_testing
