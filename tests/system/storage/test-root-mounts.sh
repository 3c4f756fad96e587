#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The root itself as a mount: a directory of the host, or the file system in an image.
# drivers: embed lxc
# seconds: 1500

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"
# shellcheck source=tests/system/foreign-roots.sh
. "$TEST_DIRECTORY/foreign-roots.sh"
PATH=$PATH:/sbin:/usr/sbin

name=test-root-mounts-$$
exchanger=''
clean_up() {
    [ -z "$exchanger" ] || kill "$exchanger" 2>/dev/null
    ! mountpoint -q "$work/root/a/m" || umount "$work/root/a/m"
    ! mountpoint -q "$work/root/b/m" || umount "$work/root/b/m"
    remove_work
}
chmod 777 "$work"
root=$work/root
musl_root "$root" || skip_all "musl-tools or busybox-static is not installed"
command -v mkfs.ext4 >/dev/null || skip_all "e2fsprogs is not installed"
mkdir -p "$root/secret" "$root/srv"
echo inside >"$root/secret/file"
echo single >"$root/srv/single"
# Whoever runs QEMU may write all of it.
chmod -R a+rwX "$root"
mkfs.ext4 -q -d "$root" "$work/root.img" 64M >/dev/null
chmod a+r "$work/root.img"
mkdir "$work/share"
echo shared >"$work/share/file"
chmod 777 "$work/share"
sum=$(sha256sum <"$work/root.img")

list() {
    find "$root" -printf '%p %y %m %u %s %T@\n' | sort
}

# --- an image --------------------------------------------------------------------------------

sandbox -m "host-image:/=$work/root.img" -- which-libc image
check_status "the file system of an image is the root" 5
check_stdout "with the programs in it" "musl image"
check_stderr "without a message" ""

below=(-m "host-bind:/usr/libvirt-sandbox/share=$work/share" -m ram:/memory=1M -m guest-bind:/other=/srv
    --hide /secret --hide /srv/single)
sandbox -m "host-image:/=$work/root.img,format=raw,ro" "${below[@]}" -- sh -c '
    touch /new 2>/dev/null || echo read-only
    touch /usr/bin/new 2>/dev/null || echo read-only
    cat /usr/libvirt-sandbox/share/file && echo x >/usr/libvirt-sandbox/share/from-image && echo x >/memory/x
    ls /other; ls /secret; cat /srv/single 2>/dev/null || echo hidden'
check_status "other mounts are below it" 0
check_stdout "and what is hidden is; it is only read" $'read-only\nread-only\nshared\nsingle\nhidden'
check "a mount below is written" test -e "$work/share/from-image"

sandbox -m "host-image:/=$work/root.img" "${below[@]}" --overlay --changes - -p -- sh -c '
    echo new >/usr/bin/new && cat /usr/bin/new; rm /srv/single 2>/dev/null; rm /usr/bin/env; echo x >/memory/x; ls -A /secret'
check_stdout "with --overlay it can be written to" new
check_stderr "and tells what changed" $'C /usr\nC /usr/bin\nD /usr/bin/env\nA /usr/bin/new'

reader=''
start reader -n "$name" -m "host-image:/=$work/root.img" -- sh -c 'echo up; busybox sleep 1000'
check "one sandbox has it" wait_for_output reader up
sandbox -m "host-image:/=$work/root.img" --overlay -- cat /secret/file
check_stdout "another has it at the same time" inside
kill -TERM "$reader"
finish reader
check_equal "the image is as it was" "$sum" "$(sha256sum <"$work/root.img")"

if command -v mksquashfs >/dev/null && { [ "$kind" = machine ] || grep -qw squashfs /proc/filesystems; }; then
    mksquashfs "$root" "$work/root.squashfs" -quiet -no-progress -all-root >/dev/null
    chmod a+r "$work/root.squashfs"
    sandbox -m "host-image:/=$work/root.squashfs" --overlay -p -- sh -c 'echo x >/srv/x && which-libc squashfs'
    check_stdout "squashfs will do as well" "musl squashfs"
else
    skip "squashfs will do as well" "no mksquashfs, or the kernel has no squashfs"
fi
if [ "$kind" = machine ]; then
    qemu-img convert -q -O qcow2 "$work/root.img" "$work/root.qcow2"
    chmod a+r "$work/root.qcow2"
    sandbox -m "host-image:/=$work/root.qcow2" -- which-libc qcow2
    check_stdout "of any format" "musl qcow2"
fi

# --- a directory -----------------------------------------------------------------------------

list >"$work/before"
sandbox -m "host-bind:/=$root,ro" "${below[@]}" -- sh -c 'which-libc bind; touch /new 2>/dev/null || echo read-only; ls /secret'
check_stdout "a directory with ro is what --root makes of it" $'musl bind\nread-only'
sandbox -m "host-bind:/=$root" --overlay "${below[@]}" -- sh -c 'echo new >/new && rm /usr/bin/env && cat /new'
check_stdout "with --overlay it can be written to" new
list >"$work/after"
check "and is as it was" cmp "$work/before" "$work/after"

# In a machine, what is made belongs to who runs QEMU.
sandbox -m "host-bind:/=$root" "${below[@]}" -p -- sh -c '
    echo new >/new && mkdir /usr/lib/deep && echo deep >/usr/lib/deep/file && rm /usr/bin/env
    cat /usr/libvirt-sandbox/share/file; echo x >/memory/x; ls /secret; busybox grep -s single /srv/single || echo hidden
    ln -s /etc/hostname /outside; echo mine >/tmp/private'
check_status "without it the directory itself is written" 0
check_stdout "but for what is mounted and hidden there" $'shared\nhidden'
check_equal "all of it is on the host" $'new\ndeep' "$(cat "$root/new" "$root/usr/lib/deep/file" 2>&1)"
check "also what was removed" test ! -e "$root/usr/bin/env"
check_equal "what is private is not" "" "$(ls -A "$root/tmp" "$root/memory" "$root/usr/libvirt-sandbox/share" | grep -v ':$' | xargs)"
check_equal "what was hidden is there" $'inside\nsingle' "$(cat "$root/secret/file" "$root/srv/single")"
sandbox -m "host-bind:/=$root" -- sh -c 'cat /new; which-libc again'
check_stdout "the next sandbox finds it" $'new\nmusl again'

mkdir -p "$root/etc"
echo 'odd:x:4321:1234::/:/bin/sh' >"$root/etc/passwd"
sandbox -m "host-bind:/=$root,ro" -S odd -- id -u
check_stdout "-S looks the user up there" 4321

# --- a directory that somebody changes meanwhile ---------------------------------------------

# The root is nobody's, who has the way to a file system of the host lead to what is only root's.
exchange_submount() {
    local options=$1 tool turn bad='' shown=0
    tool=$(dirname "$VIRT_SANDBOX")/../tests/system/isolation/exchange-names
    # shellcheck disable=SC2174 # $work is there
    mkdir -p -m 700 "$work/private"
    mkdir -p "$root/a/m" "$root/b"
    ln -s ../../private "$root/b/m"
    mount -t tmpfs -o mode=755 submount "$root/a/m"
    echo private >"$work/private/file"
    chmod 600 "$work/private/file"
    echo mounted >"$root/a/m/file"
    sandbox -r "$root" -- cat /a/m/file
    check_stdout "a file system below a root of nobody's is there" mounted
    cp "$tool" "$work/exchange-names"
    chown -R nobody "$root/a" "$root/b" "$root"
    setpriv --reuid nobody --clear-groups "$work/exchange-names" "$root/a" "$root/b" &
    exchanger=$!
    for ((turn = 0; turn < 8; turn++)); do
        # shellcheck disable=SC2086
        sandbox -r "$root" $options -p -- sh -c 'cat /a/m/file /b/m/file 2>/dev/null || :'
        [ "$status" = 0 ] || bad+=$(cat "$stderr")
        ! grep -q mounted "$stdout" || shown=$((shown + 1))
        bad+=$(grep -v '^mounted$' "$stdout")
    done
    kill "$exchanger"
    wait "$exchanger" 2>/dev/null
    exchanger=''
    echo "# $shown of $turn had it"
    check_equal "exchanged while it starts it is there or is not, and gives nothing else ($options)" "" "$bad"
    umount "$root/a/m" 2>/dev/null || umount "$root/b/m"
    rm -rf "$root/a" "$root/b"
    chown root "$root"
}
if [ "$kind" = container ]; then
    exchange_submount ''
    exchange_submount --overlay
fi

# --- refusals --------------------------------------------------------------------------------

sandbox -m "host-image:/=$work/root.img" -S odd -- true
check_message "but in no image" 125 "switchto odd: the root is not a directory"
sandbox -m "host-image:/=$work/root.img" -m "host-bind:/=$root" -- true
check_message "two roots" 125 "there is a mount on / already"
sandbox -r "$root" -m "host-image:/.=$work/root.img" -- true
check_message "--root and a mount" 125 "mount /: $root is to be the root already"
sandbox -m "host-image:/=$work/root.img,rw" -- true
check_message "an image to be written" 125 "rw: an image that is the root is only read.*use --overlay"
sandbox -m host-bind:/=/ -p -- true
check_message "the host's own root to be written" 125 "mount /: .*host's own root.*add ro"
sandbox -m host-bind:/=/,ro -- true
check_status "but it can be read" 0
sandbox -m ram:/=1M -- true
check_message "memory" 125 "mount /: .*empty.*--overlay"
sandbox -m host-bind:/= -- true
check_message "a temporary directory" 125 "mount /: .*empty.*--overlay"
sandbox -m guest-bind:/=/usr -- true
check_message "a directory of itself" 125 "mount /: .*onto itself"
sandbox -m "host-bind:/=$root/srv/single" -- true
check_message "a file" 125 "mount /: root: no such directory $root/srv/single"
sandbox -m "host-image:/=$work/nowhere.img" -- true
check_message "an image that is missing" 125 "mount /: $work/nowhere.img: No such file"
truncate -s 1M "$work/blank.img"
chmod a+r "$work/blank.img"
sandbox -m "host-image:/=$work/blank.img" -- true
check_message "an image without a file system" 125 "mount /: $work/blank.img: it holds no file system"
if [ "$DRIVER" = embed ] && [ "$(id -u)" = 0 ]; then
    chmod go-w "$root"
    sandbox -m "host-bind:/=$root" -- true
    check_message "a directory that QEMU's user cannot write" 125 "root $root: QEMU runs as.*cannot write.*--qemu-user"
fi
check_nothing_left "nothing is left of any" "$name"

# --- saved -----------------------------------------------------------------------------------

sandbox -n saved -m "host-image:/=$work/root.img" --save "$work/saved" -- which-libc saved
sandbox --config "$work/saved" --save "$work/again"
check "saved again it is the same" cmp "$work/saved" "$work/again"
sandbox --config "$work/saved"
check_stdout "and runs" "musl saved"

done_testing
