#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A root that can be written to, what becomes of it, and the changes that are kept.
# drivers: embed embed-user lxc
# seconds: 1800

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"
# shellcheck source=tests/system/foreign-roots.sh
. "$TEST_DIRECTORY/foreign-roots.sh"

privileged=(-p)
# Of another's files, an ordinary user's QEMU cannot make root's.
[ "$DRIVER" != embed-user ] || privileged=()

clean_up() {
    ! mountpoint -q "$work/small" || umount "$work/small"
    remove_work
}

# listing DIRECTORY: all that a tree is, with checksums and attributes, but for access times.
listing() {
    (
        cd "$1" || exit
        find . -printf '%p %y %m %U %G %s %T@ %l\0' | sed -z -E 's/^(\S+ d \S+ \S+ \S+) [0-9]+ /\1 - /' | sort -z
        find . -type f -print0 | sort -z | xargs -0r sha1sum
        getfattr -R -h -d -m - . 2>/dev/null
    )
}

# A tree of everything that can change.
root=$work/root
mkdir -p "$root"/{proc,sys,dev,run,tmp,var/tmp,usr/bin,usr/lib,etc/conf.d,home/user,opt/old/deep/er}
cp -L /bin/busybox "$root/usr/bin/busybox" 2>/dev/null || skip_all "busybox-static is not installed"
ln -s usr/bin "$root/bin"
for tool in sh rm mkdir touch ln mknod mkfifo chmod chown cp mv cat dd ls stat truncate id df true; do
    ln -s busybox "$root/usr/bin/$tool"
done
for file in etc/motd etc/gone etc/conf.d/one etc/conf.d/two opt/old/file opt/old/deep/er/file \
    home/user/.profile usr/lib/library etc/becomes-a-directory; do
    echo "$file" >"$root/$file"
done
mkdir "$root/etc/becomes-a-file" "$root/etc/becomes-a-link"
touch "$root"/etc/becomes-a-{file,link}/inside
ln "$root/etc/motd" "$root/etc/motd.too"
ln -s motd "$root/etc/link"
chmod -R a+rX "$root"
listing "$root" >"$work/before"

# --- written, and gone ------------------------------------------------------------------------

sandbox -r "$root" --overlay "${privileged[@]}" -- sh -c 'echo new >/etc/new && echo more >>/etc/motd && cat /etc/new /etc/motd
    rm /etc/gone; rm -rf /opt /home; mkdir /opt && ls -A /opt; rm -rf /usr/lib; ls /usr'
check_status "the root can be written to" 0
check_stdout "and shows it" $'new\netc/motd\nmore\nbin'
check_stderr "without a message" ""
sandbox -r "$root" --overlay "${privileged[@]}" -- sh -c 'rm -rf /usr; ls -d /usr 2>/dev/null || exit 9'
check "rm -rf /usr ends the program" test "$status" != 0
sandbox -r "$root" --overlay -- sh -c 'cat /etc/motd; ls /etc/new 2>/dev/null; ls -A /opt'
check_stdout "it is gone in the next run" $'etc/motd\nold'
listing "$root" >"$work/after"
check "the host's files are as they were" cmp "$work/before" "$work/after"
sandbox -r "$root" -- sh -c 'echo x >/etc/motd'
check "without --overlay it is read-only" grep -qi "read-only" "$stderr"

if [ "$(id -u)" = 0 ]; then
    sandbox -r "$root" --overlay -S nobody -- true
    check_message "the user is the root's" 125 "nobody|passwd"
    sandbox --overlay -S nobody -- sh -c 'touch /etc/nobodys 2>/dev/null || echo refused; rm -f /etc/passwd 2>/dev/null
        test -e /etc/passwd && echo still there; id -un'
    check_stdout "an ordinary program may write what its user may" $'refused\nstill there\nnobody'
    stat -c '%n %i %Y %Z %s' /etc /usr /usr/bin /usr/lib /var/lib/dpkg/status /etc/passwd /opt >"$work/host"
    sandbox --overlay -p -- sh -c 'echo root::0:0::/:/bin/sh >/etc/passwd; rm -rf /usr/share/common-licenses /usr/games; touch /usr/bin/true
        chmod 700 /etc; test ! -e /usr/share/common-licenses && wc -l </etc/passwd'
    check_stdout "a privileged one may write to all of the host's root" 1
    check_equal "and the host has nothing of it" "$(cat "$work/host")" \
        "$(stat -c '%n %i %Y %Z %s' /etc /usr /usr/bin /usr/lib /var/lib/dpkg/status /etc/passwd /opt)"
fi

# --- what changed -----------------------------------------------------------------------------

cat >"$work/change" <<'END'
umask 022
echo new >/etc/new
ln /etc/new /etc/new.too
ln -s /nowhere/at/all /etc/new.link
echo more >>/etc/motd
rm /etc/gone /etc/conf.d/one
chmod 4751 /etc/conf.d/two
rm -rf /opt/old && mkdir /opt/old && echo again >/opt/old/again && mkdir -p /opt/old/deep/other
rm -rf /home
rm /etc/becomes-a-directory && mkdir /etc/becomes-a-directory && echo in >/etc/becomes-a-directory/it
rm -r /etc/becomes-a-file && echo file >/etc/becomes-a-file
rm -r /etc/becomes-a-link && ln -s motd /etc/becomes-a-link
mkdir -p /srv/deep/tree
mkfifo -m 640 /srv/fifo
touch -d @978307200 /srv/old
touch "$(printf '/srv/any \t\n\\\377 bytes')" /srv/grüße
mkdir /srv/.whatever
cp /usr/bin/busybox /srv/deep/copy
echo end | dd of=/srv/sparse bs=4096 seek=100000 2>/tmp/log
echo middle | dd of=/srv/sparse bs=4096 seek=500 conv=notrunc 2>/tmp/log
truncate -s 1000000 /srv/hole
: >/srv/empty
name=$(printf '%0200d' 0)
mkdir -p "/srv/$name/$name" && touch "/srv/$name/$name/$name"
END
chown=''
if [ "$(id -u)" = 0 ]; then
    chown='chown 12:34 /srv/deep /etc/new; chown -h 56:78 /etc/new.link'
fi
{
    cat "$work/change"
    echo "$chown"
    echo 'exit 3'
} >"$work/script"
sandbox -r "$root" --overlay --changes "$work/layer.tar" "${privileged[@]}" -- sh -c "$(cat "$work/script")"
check_status "the program's status is kept" 3
check_stderr "without a message" ""
check "there is a file" test -s "$work/layer.tar"
check_equal "only its owner can read it" 600 "$(stat -c %a "$work/layer.tar")"
check_equal "and nothing beside it" "$work/layer.tar" "$(echo "$work"/layer*)"
tar --warning=no-unknown-keyword -tvf "$work/layer.tar" >"$work/list" 2>"$work/list.err"
check "tar reads it" test ! -s "$work/list.err"
check "no whiteout is a device" test -z "$(grep -E '^[cb]' "$work/list")"
for name in etc/.wh.gone etc/conf.d/.wh.one .wh.home opt/old/.wh..wh..opq; do
    check "it has $name" grep -qF " $name" "$work/list"
done
check "mount points are not in it" test -z "$(grep -E ' (proc|sys|dev|run|tmp|var)' "$work/list")"
check "what is not changed is not in it" test -z "$(grep -E 'library|usr/' "$work/list" | grep -v srv)"
check "holes are not written out" test "$(stat -c %s "$work/layer.tar")" -lt 4000000

if command -v python3 >/dev/null && [ "$(id -u)" = 0 ]; then
    cp -a "$root" "$work/applied"
    cp -a "$root" "$work/expected-root"
    run "$TEST_DIRECTORY/apply-layer" "$work/applied" "$work/layer.tar"
    check_status "the layer can be applied" 0
    run chroot "$work/expected-root" /bin/sh -c "$(cat "$work/script")"
    # A file that is written to loses its other names, as in every overlay: motd.too is not the same.
    for tree in applied expected-root; do
        (
            cd "$work/$tree" || exit
            rm -f tmp/log
            find . -printf '%p\t%y %m %U %G %l\0' | sort -z
            find . -type f -links +1 ! -name 'motd*' -printf '%p %n\0' | sort -z
            find . -type f ! -name motd.too -print0 | sort -z | xargs -0r sha1sum
            stat -c %Y srv/old
        ) >"$work/$tree.list"
    done
    if cmp -s "$work/expected-root.list" "$work/applied.list"; then
        pass "applied, it gives the tree as the program left it"
    else
        flunk "applied, it gives the tree as the program left it" \
            "$(diff -a <(tr '\0' '\n' <"$work/expected-root.list") <(tr '\0' '\n' <"$work/applied.list") | head -n 30)"
    fi
    check_equal "a changed file has the new content" $'etc/motd\nmore' "$(cat "$work/applied/etc/motd")"
    check_equal "a sparse file is sparse" 1 "$(($(stat -c %b "$work/applied/srv/sparse") < 1000))"
fi
if command -v umoci >/dev/null && [ "$(id -u)" = 0 ]; then
    tar -C "$root" -cf "$work/base.tar" .
    run sh -e -c "cd '$work' && umoci init --layout image && umoci new --image image:test &&
        umoci raw add-layer --image image:test base.tar && umoci raw add-layer --image image:test layer.tar &&
        umoci unpack --image image:test bundle"
    check_status "umoci takes the layer" 0
    check_equal "umoci: what was deleted is gone" "" \
        "$(cd "$work/bundle/rootfs" && ls -d etc/gone etc/conf.d/one home opt/old/file 2>/dev/null)"
    check_equal "umoci: what was added is there" again "$(cat "$work/bundle/rootfs/opt/old/again")"
    check "umoci: a replaced directory is a file" test -f "$work/bundle/rootfs/etc/becomes-a-file"
else
    skip "umoci takes the layer" "umoci is not installed, or not root"
fi
listing "$root" >"$work/after"
check "the host's files are as they were" cmp "$work/before" "$work/after"

# --- as a list --------------------------------------------------------------------------------

sandbox -r "$root" --overlay --changes - "${privileged[@]}" -- sh -c 'echo >/etc/new; rm /etc/gone; echo >>/etc/motd
    rm -rf /opt/old; mkdir /opt/old; touch "$(printf "/srv\n\033[31m\377")"; exit 4'
check_status "--changes - keeps the status" 4
check_stderr "and lists what changed" 'C /etc
D /etc/gone
C /etc/motd
A /etc/new
C /opt
C /opt/old
D /opt/old/deep
D /opt/old/file
A /srv\x0a\x1b[31m\xff'
sandbox -r "$root" --overlay --changes - -- true
check_stderr "nothing is nothing" ""
sandbox -r "$root" --overlay --changes - -m ram:/made/for/mount=1M -m ram:/etc/made=1M -- sh -c 'touch /made/for/mount/x'
check_stderr "what was made for mounts is no change" ""
# Nobody but root may read it, and a machine's QEMU is not root.
mkdir -p "$root/var/lib"
mkdir -m 0 "$root/var/lib/shut"
sandbox -r "$root" --overlay --changes - -- sh -c 'ls /var/lib; echo x >/etc/issue'
check_stdout "a directory is there that QEMU's user may not read" shut
check_stderr "what the program only looked into is no change" $'C /etc\nA /etc/issue'
sandbox -r "$root" --overlay --changes "$work/looked.tar" -- sh -c 'ls /var/lib; echo x >/etc/issue'
check_equal "nor in a tar" "etc/ etc/issue" "$(tar -tf "$work/looked.tar" | xargs)"
rm -f "$work/looked.tar"
rmdir "$root/var/lib/shut"

# What follows does not depend on whose the files are.
if [ "$DRIVER" = embed-user ]; then
    done_testing
    exit
fi

# --- what is not kept -------------------------------------------------------------------------

echo old >"$work/kept"
sandbox -r "$root" --overlay --changes "$work/kept" -- true
check_status "a file that is there is replaced" 0
check "by an empty layer" test "$(tar -tf "$work/kept" | wc -l)" = 0
echo old >"$work/kept"
sandbox -r "$root" --overlay --changes "$work/kept" -- no-such-program
check_message "a program that cannot be started changes nothing" 127 "no-such-program"
check_equal "and the file is the old one" old "$(cat "$work/kept")"
sandbox -r "$root" --overlay --changes "$work/kept" "${privileged[@]}" -- sh -c ': >/etc/.wh.trick'
check_message "a name that would be a deletion" 125 "etc/\.wh\.trick"
check_equal "leaves the file as it is" old "$(cat "$work/kept")"
sandbox -r "$root" --overlay --changes "$work/kept" "${privileged[@]}" -- sh -c 'echo >/etc/x; kill -9 $$'
check_status "a program that is killed has changed something, too" 137
check "which is kept" grep -q etc/x <(tar -tf "$work/kept")

sandbox -r "$root" --changes "$work/nowhere.tar" -- true
check_message "--changes without --overlay is refused" 125 "overlay"
sandbox -r "$root" --overlay --changes "$work/no/such/directory" -- true
check_message "a directory that is missing is said before" 125 "no/such/directory"
for special in "$work" /dev/null; do
    sandbox -r "$root" --overlay --changes "$special" -- true
    check_message "--changes $special is refused" 125 "$special"
done
sandbox -r "$root" --overlay="$work/no/such/directory" -- true
check_message "an overlay in a directory is refused where it cannot be" 125 "overlay"

if [ "$(id -u)" = 0 ]; then
    mkdir "$work/small"
    mount -t tmpfs -o size=1m small "$work/small"
    sandbox -r "$root" --overlay --changes "$work/small/layer.tar" -p -- \
        sh -c 'dd if=/dev/urandom of=/etc/large bs=1M count=20 2>/dev/null'
    check_message "a full disk is said" 125 "small/layer.tar.*No space left"
    check_equal "and leaves nothing" "" "$(ls -A "$work/small")"
fi

# --- much of it -------------------------------------------------------------------------------

# A machine's processor makes them slowly.
if [ "$kind" = container ]; then megabytes=200; else megabytes=40; fi
sandbox -r "$root" --overlay --changes "$work/large.tar" "${privileged[@]}" -- sh -c \
    'mkdir /many && cd /many && for i in 0 1 2 3 4 5 6 7 8 9; do mkdir $i; for j in 0 1 2 3 4 5 6 7 8 9; do echo $i$j >$i/$j; done; done
    dd if=/dev/urandom of=/large bs=1M count='"$megabytes"' 2>/dev/null; cat /large' >/dev/null
check_status "many megabytes" 0
check_equal "all of which were read" $((megabytes * 1048576)) "$(stat -c %s "$stdout")"
check "come as they are" cmp "$stdout" <(tar -xOf "$work/large.tar" large)
check_equal "with all that is beside them" 111 "$(tar -tf "$work/large.tar" | grep -c ^many)"
rm -f "$work/large.tar"

# --- what people do ---------------------------------------------------------------------------

debian=$work/debian
if [ "$(id -u)" = 0 ] && debian_root "$debian"; then
    mkdir -p "$work/package/DEBIAN" "$work/package/usr/bin"
    printf 'Package: sample\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: sample\n' \
        >"$work/package/DEBIAN/control"
    printf '#!/bin/sh\necho sample works\n' >"$work/package/usr/bin/sample"
    chmod 755 "$work/package/usr/bin/sample"
    dpkg-deb --root-owner-group -b "$work/package" "$work/shared.deb" >/dev/null
    mkdir "$work/packages"
    cp "$work/shared.deb" "$work/packages/sample.deb"
    chmod -R a+rX "$work/packages"
    listing "$debian" >"$work/debian.before"
    sandbox -r "$debian" --overlay --changes "$work/package.tar" -p -m "host-bind:/mnt=$work/packages,ro" -- \
        sh -c 'dpkg --force-all -i /mnt/sample.deb >/dev/null && sample'
    check_status "dpkg -i installs a package" 0
    check_stdout "which runs" "sample works"
    check "and is in the layer" grep -qx usr/bin/sample <(tar -tf "$work/package.tar")
    sandbox -r "$debian" --overlay -p -- sh -c 'rm -rf /usr; exit 0'
    check "rm -rf /usr runs" test "$status" = 0
    sandbox -r "$debian" -- sh -c 'sample 2>/dev/null || echo gone'
    check_stdout "both are gone" gone
    listing "$debian" >"$work/debian.after"
    check "and the root is as it was" cmp "$work/debian.before" "$work/debian.after"

    # In a machine test-installer has it install.
    if [ "$kind" = container ] && command -v apt-get >/dev/null; then
        apt_state() { find /var/lib/apt /var/lib/dpkg /var/cache/apt -type f -newer "$work/apt.before"; }
        touch "$work/apt.before"
        sandbox --overlay --changes - -p -m "host-bind:/mnt=$work/packages,ro" -- \
            sh -c 'apt-get install -y /mnt/sample.deb >/dev/null 2>&1 && sample'
        check_status "apt-get installs a package on the host's own root" 0
        check_stdout "which runs, too" "sample works"
        check "and is a change" grep -qx "A /usr/bin/sample" "$stderr"
        check "that the host has not" test ! -e /usr/bin/sample
        check_equal "nor is a package more known to it" "" "$(apt_state)"
    fi
else
    skip "dpkg -i installs a package" "not root, or no other Debian to be had"
fi

# --- saved ------------------------------------------------------------------------------------

sandbox -n saved -r "$root" --overlay --changes "$work/saved.tar" --save "$work/saved" -- sh -c 'exit 6'
check_equal "the overlay is saved" $'changes='"$work/saved.tar"$'\noverlay=true' \
    "$(grep -E '^(overlay|changes)' "$work/saved" | sort)"
sandbox --config "$work/saved" --save "$work/again"
check "saved again it is the same" cmp "$work/saved" "$work/again"
sandbox --config "$work/saved"
check_status "and runs" 6
check "and keeps the changes" test -s "$work/saved.tar"

done_testing
