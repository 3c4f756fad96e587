#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What is hidden from the program.
# drivers: embed lxc
# seconds: 900

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

odd=$'odd name\n\xff'
mkdir -p "$work/shared/sub" "$work/shared/kept"
echo secret >"$work/shared/secret"
echo secret >"$work/shared/sub/$odd"
echo kept >"$work/shared/kept/file"
chmod -R a+rX "$work/shared"

sandbox --hide /etc/passwd --hide /usr/share/ --hide /no/such/thing --hide /etc/passwd -- sh -c '
    cat /etc/passwd; ls -A /usr/share; stat -c %a /usr/share; touch /usr/share/x 2>/dev/null || echo closed
    ls /etc/group'
check_status "a program runs with things hidden" 0
check_stdout "a directory is empty and cannot be written, the rest is there" $'555\nclosed\n/etc/group'
check "a file cannot be read" grep -q 'passwd: Permission denied' "$stderr"
check_equal "and that is all that is said" 1 "$(wc -l <"$stderr")"

sandbox -m "host-bind:/mnt=$work/shared,ro" -m guest-bind:/srv=/mnt --hide /mnt/secret --hide "/mnt/sub" \
    --hide /mnt/kept/none -- sh -c 'cat /mnt/secret /srv/secret; ls -A /mnt/sub /srv/sub; cat /mnt/kept/file'
check_status "below a mount, too" 0
check_stdout "and where that is bound" $'/mnt/sub:\n\n/srv/sub:\nkept'
check_equal "neither can be read" 2 "$(grep -c 'Permission denied' "$stderr")"
check_equal "the host's file is as it was" secret "$(cat "$work/shared/secret")"

sandbox -m "host-bind:/mnt=$work/shared,ro" --hide "/mnt/sub/$odd" -- sh -c 'cat /mnt/sub/* 2>/dev/null || echo hidden'
check_stdout "whatever bytes the name has" hidden

# The user that QEMU runs as may not look into it.
mkdir -m 700 "$work/closed"
echo secret >"$work/closed/secret"
sandbox -m "host-bind:/mnt=$work,ro" --hide /mnt/closed/secret -- sh -c 'cat /mnt/closed/secret; echo ran'
check_stdout "what the host keeps closed can be hidden" ran

sandbox --hide /etc/passwd -- sh -c 'umount /etc/passwd; cat /etc/passwd'
check "the program cannot take it away" test ! -s "$stdout"
if [ "$kind" = container ] || shows_trees; then
    sandbox -p --hide /etc/passwd --hide /usr/share -- sh -c 'umount /etc/passwd; umount -l /usr/share
        mkdir /tmp/b; mount --rbind / /tmp/b; umount -l /tmp/b/usr/share; cat /etc/passwd /tmp/b/etc/passwd; ls -A /usr/share /tmp/b/usr/share 2>/dev/null | grep -v :'
    check "nor can a privileged one" test ! -s <(tr -d '\n' <"$stdout")
fi
sandbox --overlay --hide /etc/passwd --hide /usr/share -- sh -c 'cat /etc/passwd; mv /etc/passwd /tmp/p; ls -A /usr/share'
check_stdout "in an overlay, too" ""

for path in / "" /a/../b; do
    sandbox --hide "$path" -- true
    check_message "--hide \"$path\" is refused" 125 "hide"
done

sandbox -n saved --hide "/a;b c" --hide /etc/passwd --save "$work/saved" -- cat /etc/passwd
check_status "--hide can be saved" 0
check_equal "in order" $'hide.0=/a;b c\nhide.1=/etc/passwd' "$(grep '^hide' "$work/saved")"
sandbox --config "$work/saved" --save "$work/again"
check "saved again it is the same" cmp "$work/saved" "$work/again"
sandbox --config "$work/saved"
check_status "and is hidden then" 1

done_testing
