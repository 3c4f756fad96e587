#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A directory that is shared where it is, files that are mounted alone, and where the program starts.
# drivers: embed embed-user lxc

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

# A machine of root's is run by another user, who has to be able to write.
mkdir -p "$work/main" "$work/other/deep"
cd "$work/main" || exit
has_git=no
if command -v git >/dev/null && [ "$DRIVER" != embed ]; then
    has_git=yes
    git init -q . && git -c user.name=n -c user.email=n@x commit -q --allow-empty -m first &&
        git worktree add -q "$work/tree" 2>/dev/null
fi
mkdir -p "$work/tree"
[ "$DRIVER" != embed ] || chmod 777 "$work/tree" "$work/other"
cd "$work/tree" || exit
printf '#!/bin/sh\necho ran\n' >script
chmod 755 script
echo file >"$work/file"
chmod 666 "$work/file"
printf '# as of podman\nA="1 2"\nGIVEN\nOTHER\n' >"$work/variables"
ls -A >"$work/before"

# --- one sandbox for all that works -----------------------------------------------------------

cat >"$work/probe" <<'END'
echo "pwd=$(pwd)"
echo "script=$(./script)"
echo "A=$A"
echo "GIVEN=$GIVEN"
echo "OTHER=$OTHER"
echo inside >made && rm made && echo "made=yes"
echo inside >>/mnt/file && echo "file=$(tail -n 1 /mnt/read)"
( : >/mnt/read ) 2>/dev/null || echo "read=only"
echo inside >"/mnt/k=v/new" && echo "equals=yes"
echo "hidden=$(ls -A ../other/deep)"
if [ "$1" = yes ]; then
    echo inside >tracked
    git add tracked && git -c user.name=n -c user.email=n@x commit -q -m inside && echo "git=yes"
fi
END
touch "$work/other/deep/secret"
GIVEN=ours sandbox --share --rm --env-file "$work/variables" -e OTHER=ours -m host-bind:/mnt/file=../file \
    -m host-bind:/mnt/read=../file,ro -m 'host-bind:/mnt/k\=v=../other' --share=../other --hide ../other/deep \
    -- sh -s "$has_git" <"$work/probe"
check_status "the probe runs" 0
check_stderr "without a message" ""
check_value "the program starts in what is shared" pwd "$work/tree"
check_value "a program of it runs by its relative path" script ran
check_value "a file of variables has a value as it is" A '"1 2"'
check_value "and passes ours on" GIVEN ours
check_value "-e goes before it" OTHER ours
check_value "what is shared can be written" made yes
check_value "a single file is written, and read by another mount" file inside
check_value "a single file is only read with ro" read only
check_value "a mount point can have an =" equals yes
check_value "a relative path is hidden" hidden ""
check_equal "the file of the host has it" $'file\ninside' "$(cat "$work/file")"
check_equal "so has the directory" inside "$(cat "$work/other/new")"
if [ $has_git = yes ]; then
    check_value "git commits in a worktree" git yes
    check_equal "and the commit is there" inside "$(git log -1 --format=%s)"
    echo tracked | sort - "$work/before" >"$work/expected-names"
else
    skip "git commits in a worktree" "no git, or no user of its own for QEMU"
    sort "$work/before" >"$work/expected-names"
fi
check_equal "nothing of ours is left in it" "$(cat "$work/expected-names")" "$(ls -A | sort)"

# --- where the program starts -----------------------------------------------------------------

# /tmp is the sandbox's own.
sandbox ./script
check_message "a program that is outside is missed with what helps" 127 "script: No such file.*--share=$work/tree"

(cd /usr/share && sandbox --overlay pwd && cp "$stdout" "$work/out")
check_equal "--overlay without a directory leaves the command alone, which starts in the caller's" \
    /usr/share "$(cat "$work/out")"

done_testing
