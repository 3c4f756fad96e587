#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What becomes of changes: attributes of files from the program into the layer and out of it again, with
# the programs that read layers, and an installation that leaves the host as it was.
# drivers: embed lxc
# seconds: 1500

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

[ "$(id -u)" = 0 ] || skip_all "not root"
for tool in setfattr getfattr make; do
    command -v "$tool" >/dev/null || skip_all "$tool is not installed"
done

clean_up() {
    [ ! -d "$work/podman" ] || "${podman[@]}" image umount -a >/dev/null 2>&1
    remove_work
}
podman=(podman --root "$work/podman" --runroot "$work/podman.run" --storage-driver vfs)

chmod 755 "$work"
layers=$work/layers
mkdir -m 755 "$layers"

# attributes DIRECTORY FILE…: without those that are none of the layer's.
attributes() {
    (cd "$1" && shift && getfattr -h -d -e hex -m '^(user|security\.capability|trusted\.mine)' -- "$@" 2>/dev/null)
}

# Programs written in Go take an attribute without a value for one that is not there.
with_value() {
    grep -v '=0x$'
}

# --- extended attributes ---------------------------------------------------------------------

# cap_net_raw+ep, as setcap would write it.
capability=0x0100000200200000000000000000000000000000
cat >"$work/script" <<END
cd /etc || exit
umask 022
echo tool >tool && chmod 755 tool && setfattr -n security.capability -v $capability tool
[ "\$1" = capability ] && exit
echo colours >colours
setfattr -n user.color -v blue colours
setfattr -n user.bytes -v 0x00010aff3d20 colours
setfattr -n user.empty colours
mkdir directory && setfattr -n user.of-directory -v yes directory
ln colours colours.too
END
# What the lower layer has is there after a change, too.
root=$work/root
mkdir -p "$root/etc"
echo before >"$root/etc/before"
if ! setfattr -n user.before -v kept "$root/etc/before" 2>/dev/null; then
    skip_all "$work is on a file system without attributes"
fi

# The memory of a machine's kernel before 6.6 has no user.*, so there the overlay is in a directory.
overlay=--overlay
[ "$kind" = container ] || overlay=--overlay=$layers
sandbox "$overlay" --changes "$work/layer.tar" -p -- bash -c "$(cat "$work/script")" script
check_status "a program sets attributes" 0
check_stderr "without a message" ""
mkdir "$work/direct" "$work/untarred"
(
    mkdir "$work/direct/etc"
    sed "s,^cd /etc,cd $work/direct/etc," "$work/script" | bash -s script
)
tar -C "$work/untarred" --xattrs --xattrs-include='*' -xf "$work/layer.tar"
check_equal "tar: the file has them" "$(attributes "$work/direct/etc" tool colours colours.too directory)" \
    "$(attributes "$work/untarred/etc" tool colours colours.too directory)"
check_equal "of which there are as many as were set" 8 "$(attributes "$work/untarred/etc" tool colours colours.too directory | grep -c =)"
check_equal "the capability is among them" "security.capability=$capability" \
    "$(attributes "$work/untarred/etc" tool | grep capability)"
check_equal "none of the overlay's is" "" \
    "$(tar --xattrs -vvtf "$work/layer.tar" | grep -a trusted; grep -ac 'trusted\.overlay' "$work/layer.tar" | grep -vx 0)"
if [ "$kind" = machine ]; then
    sandbox --overlay --changes "$work/memory.tar" -p -- bash -c "$(cat "$work/script")" script capability
    check_status "a program sets a capability in memory" 0
    mkdir "$work/memory"
    tar -C "$work/memory" --xattrs --xattrs-include='*' -xf "$work/memory.tar"
    check_equal "which is in the layer as well" "security.capability=$capability" \
        "$(attributes "$work/memory/etc" tool | grep capability)"
fi

sandbox "$overlay" --changes "$work/copied.tar" -p -m "host-bind:/mnt=$root,ro" -- \
    sh -c 'cp -a /mnt/etc/before /etc/copied-before && echo more >>/etc/copied-before'
check_status "a program copies a file with its attributes" 0
mkdir "$work/copied"
tar -C "$work/copied" --xattrs --xattrs-include='*' -xf "$work/copied.tar"
check_equal "which are in the layer" 'user.before="kept"' \
    "$(cd "$work/copied/etc" && getfattr -d copied-before 2>/dev/null | grep user)"

# --- the programs that read layers -----------------------------------------------------------

if command -v podman >/dev/null; then
    run "${podman[@]}" import "$work/layer.tar" localhost/layer:test
    check_status "podman import takes the layer" 0
    run "${podman[@]}" image mount localhost/layer:test
    check_status "and gives it back" 0
    mounted=$(cat "$stdout")
    check_equal "podman: the files are there" $'colours\nmode 755' \
        "$(cat "$mounted/etc/colours"; stat -c 'mode %a' "$mounted/etc/tool")"
    check_equal "podman: with their attributes" "$(attributes "$work/direct/etc" tool colours directory | with_value)" \
        "$(attributes "$mounted/etc" tool colours directory | with_value)"
    check_equal "podman: a hard link is one" 2 "$(stat -c %h "$mounted/etc/colours")"
else
    skip "podman import takes the layer" "podman is not installed"
fi
if command -v umoci >/dev/null; then
    mkdir "$work/base"
    tar -C "$work/base" -cf "$work/base.tar" .
    run sh -e -c "cd '$work' && umoci init --layout image && umoci new --image image:test &&
        umoci raw add-layer --image image:test base.tar && umoci raw add-layer --image image:test layer.tar &&
        umoci unpack --image image:test bundle"
    check_status "umoci takes the layer" 0
    check_equal "umoci: with attributes" "$(attributes "$work/direct/etc" tool colours directory | with_value)" \
        "$(attributes "$work/bundle/rootfs/etc" tool colours directory | with_value)"
else
    skip "umoci takes the layer" "umoci is not installed"
fi

# --- make install ----------------------------------------------------------------------------

source=$work/source
mkdir -m 755 "$source"
cat >"$source/Makefile" <<'END'
prefix = /usr
all: sample sample.1
sample sample.1:
	printf '#!/bin/sh\necho %s works\n' $@ >$@
install: all
	install -d $(DESTDIR)$(prefix)/bin $(DESTDIR)$(prefix)/lib/libvirt-sandbox-sample $(DESTDIR)$(prefix)/share/man/man1
	install -m 755 sample $(DESTDIR)$(prefix)/bin/libvirt-sandbox-sample
	install -m 644 sample $(DESTDIR)$(prefix)/lib/libvirt-sandbox-sample/part
	ln -sf ../lib/libvirt-sandbox-sample/part $(DESTDIR)$(prefix)/bin/libvirt-sandbox-part
	install -m 644 sample.1 $(DESTDIR)$(prefix)/share/man/man1/libvirt-sandbox-sample.1
END
chmod 644 "$source/Makefile"

# All names, and the sums of what is in the directories that are written to.
host_listing() {
    find /usr -xdev ! -path '/usr/src/*' -printf '%p %y %m %U %G %s %T@ %C@ %l\n' | sort
    find /usr/bin /usr/share/man/man1 -xdev -type f -print0 | sort -z | xargs -0r sha1sum
}

host_listing >"$work/usr.before"
sandbox "$overlay" --changes "$work/install.tar" -p -m "host-bind:/mnt=$source,ro" -- sh -e -c '
    mkdir /build && cp /mnt/Makefile /build && cd /build && make -s install && libvirt-sandbox-sample && rm -r /build'
check_status "make install installs to /usr" 0
check_stdout "what is found there" "sample works"
host_listing >"$work/usr.after"
check "the host has nothing of it" cmp "$work/usr.before" "$work/usr.after"
check_equal "the layer has all of it" "usr/bin/libvirt-sandbox-part
usr/bin/libvirt-sandbox-sample
usr/lib/libvirt-sandbox-sample/part
usr/share/man/man1/libvirt-sandbox-sample.1" "$(tar -tf "$work/install.tar" | grep -v '/$' | sort)"
check_equal "with its modes" -rwxr-xr-x "$(tar -tvf "$work/install.tar" usr/bin/libvirt-sandbox-sample | cut -d ' ' -f 1)"
sandbox -- sh -c 'command -v libvirt-sandbox-sample || echo gone'
check_stdout "the next sandbox has nothing of it" gone

done_testing
