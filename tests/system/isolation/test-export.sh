#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What QEMU shows a machine of the host's files is what the machine was given, and nothing else: for its
# kernel too, which mounts every tag bare (hostile-init.c, raw-export.c), and for a program with all rights.
# drivers: embed embed-user session system

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

build=$(dirname "$(dirname "$VIRT_SANDBOX")")
if [ ! -x "$build/tests/system/isolation/hostile-init" ] || [ ! -x "$build/bin/.libs/virt-sandbox" ]; then
    skip_all "no build tree around $VIRT_SANDBOX"
fi
run "$VIRT_SANDBOX" "${connect[@]}" --validate
obstacle=$(sed -n 's/^WARN  shared directories: //p' "$stdout")
[ -z "$obstacle" ] || skip_all "$obstacle"

mark=libvirt-sandbox-marker-$$
if [ "$(id -u)" = 0 ]; then
    base=/var/lib/$mark@$DRIVER
    run=/run
else
    base=$HOME/$mark
    run=$XDG_RUNTIME_DIR
fi
markers=("/tmp/$mark" "/var/tmp/$mark" "/dev/shm/$mark" "$run/$mark")
victim=''
clean_up() {
    rm -rf "${markers[@]}" "$base"
    [ -z "$victim" ] || kill "$victim" 2>/dev/null
    remove_work
}
mkdir -p "$base"/{hidden,read,write,other}
for file in "${markers[@]}" "$base"/{hidden/file,hidden-file,read/file,read/secret,write/file,other/file}; do
    echo "content of $mark" >"$file"
done
ln -s ../hidden/file "$base/write/link"
ln -s / "$base/write/top"
chmod -R a+rwX "$base"
mkdir -p "$work/root"/{proc,tmp,run,dev,sys,usr,dir}
for directory in proc tmp run dev sys dir; do
    echo "content of $mark" >"$work/root/$directory/file"
done

# --- a program with all rights ------------------------------------------------------------------

sleep 4321.$$ &
sleeper=$!
start victim -n "$mark" -e "SECRET=$mark" -- sh -c 'echo up; exec sleep 1000'
wait_for_output victim up
sandbox -v -p --hide "$base/hidden" --hide "$base/hidden-file" -- sh -c "
    mkdir /tmp/r && mount --bind / /tmp/r && cd /tmp/r || exit
    for file in ${markers[*]} $base/hidden/file; do [ -e .\$file ] && echo \$file; done
    cat .$base/hidden-file
    for directory in proc sys dev run tmp var/tmp; do ls -A \$directory; done
    cat .$base/other/file; stat -c %u etc/shadow"
check_status "with a program that has all rights" 0
check_stdout "nothing of what is the host's alone is seen, and the rest as it is" "content of $mark"$'\n0'
check "a hidden file can't be read" grep -q 'hidden-file: Permission denied' "$stderr"
check "-v says how" grep -q '^virt-sandbox: QEMU is given trees made for it' "$stderr"
check_equal "the process that made the trees has ended" "" \
    "$(pgrep -f "^$build/libexec/libvirt-sandbox-export")"
kill "$victim" "$sleeper"
finish victim

# --- a kernel -----------------------------------------------------------------------------------

# The library looks for its programs beside itself when it is not installed.
mkdir -p "$work/tree/.libs" "$work/tree/libexec"
cp -P "$build"/.libs/libvirt-sandbox-1.0.so* "$work/tree/.libs/"
cp "$build"/libexec/libvirt-sandbox-* "$work/tree/libexec/"
cp "$build/tests/system/isolation/hostile-init" "$work/tree/libexec/libvirt-sandbox-init"
VIRT_SANDBOX=$build/bin/.libs/virt-sandbox
export LD_LIBRARY_PATH=$work/tree/.libs

# found PROBE: what the kernel was answered.
found() {
    sed -n "s|^$1: ||p" "$stdout"
}

check_found() {
    check_equal "$1" "$3" "$(found "$2")"
}

probes=()
for file in "${markers[@]}" "$base/hidden/file" "$state_directory"; do
    probes+=(see root "$file")
done
for directory in proc sys dev run tmp var/tmp var/lib/libvirt/qemu; do
    probes+=(list root "$directory")
done
start victim -n "$mark" -- silence
wait_until "$limit" host_process_of "$mark"
qemu=$(host_process_of "$mark")
sandbox --hide "$base/hidden" --hide "$base/hidden-file" --hide /mnt/secret \
    -m "host-bind:/mnt=$base/read,ro" -m "host-bind:/srv=$base/write" \
    -m ram:/home=1MiB -i "/home/file=$base/other/file" \
    -- raw "${probes[@]}" see root "/proc/$qemu" see root "/proc/self" \
    read root "$base/hidden-file" read root "$base/other/file" see root etc/passwd \
    read mount0 secret read mount0 file read include0 file \
    change root "$base/other" change mount0 . change include0 . rights mount1 . read mount1 link
check_status "with a kernel that was taken over" 0
for file in "${markers[@]}" "$base/hidden/file" "$state_directory" "/proc/$qemu" /proc/self; do
    check_found "there is no $(sed "s/$mark/marker/; s/$qemu/PID/" <<<"$file")" "see root $file" \
        "No such file or directory"
done
for directory in proc sys dev run tmp var/tmp; do
    check_found "/$directory is empty" "list root $directory" 0
done
check "so is libvirt's state" \
    grep -qE '^list root var/lib/libvirt/qemu: (0|No such file or directory)$' "$stdout"
check_found "a hidden file is closed" "read root $base/hidden-file" "Permission denied"
check_found "in a mount, too" "read mount0 secret" "Permission denied"
check_found "what is given is there" "see root etc/passwd" there
for tag in "root $base/other/file" "mount0 file" "include0 file"; do
    check_found "and can be read (${tag%% *})" "read $tag" "content of $mark"
done
for what in "root $base/other" "mount0 ." "include0 ."; do
    check "nothing is changed in what is given to read (${what%% *})" grep -qxF "change $what:" "$stdout"
done
check_equal "the host's file is as it was" "content of $mark" "$(cat "$base/read/file")"
check_equal "and nothing beside it" $'file\nsecret' "$(ls -A "$base/read")"
check "no rights and no device in what is given to write" grep -qxF "rights mount1 .:" "$stdout"
check_equal "on the host neither" "" \
    "$(find "$base/write" ! -type f ! -type d ! -type l; getcap "$base/write/rights" 2>/dev/null)"
check_equal "a file there is QEMU's user's" "$(stat -c %u "/proc/$qemu")" "$(stat -c %u "$base/write/rights")"
check_found "no link leads out of it" "read mount1 link" "No such file or directory"
kill "$victim"
finish victim

# --- other roots, and the host's own as a mount -------------------------------------------------

# Names that no kernel sends.
names=(.. ../hidden/file ../../../etc/passwd /etc/passwd file/../../hidden/file top/etc/passwd "")
walks=(../hidden/file ../../../../etc/passwd file/.. link/.. top/etc/passwd top/..)
words=(walk mount1 file walk mount1 ..)
for word in "${names[@]}"; do words+=(name mount1 "$word"); done
for word in "${walks[@]}"; do words+=(walk mount1 "$word"); done
sandbox --root "$work/root" -m host-bind:/usr=/,ro -m "host-bind:/dir=$base/write" -- raw "${words[@]}" \
    list root proc list root tmp list root run list root dev \
    list root sys read root dir/file list mount0 proc see mount0 "/tmp/$mark" see mount0 "$run/$mark" \
    see mount0 "$base/other/file"
check_status "another root" 0
for directory in proc tmp run dev sys; do
    check_found "has an empty /$directory" "list root $directory" 0
done
check_found "and the rest" "read root dir/file" "content of $mark"
check_found "the host's root as a mount has no /proc" "list mount0 proc" 0
for file in "/tmp/$mark" "$run/$mark"; do
    check_found "nor ${file//$mark/marker}" "see mount0 $file" "No such file or directory"
done
check_found "and the rest" "see mount0 $base/other/file" there
if grep -q 'walk mount1 file: no registers' "$stdout"; then
    skip "QEMU itself leads nowhere else" "the device has no registers that we know"
else
    check_found "a message of our own finds a file" "walk mount1 file" there
    check_found "and at the root .. is the root" "walk mount1 .." root
    check_equal "QEMU itself leads nowhere else" "walk mount1 file: there" \
        "$(grep -E '^(walk|name) mount1' "$stdout" | grep -vE ': (error [1-9][0-9]*|not all the way|root)$')"
fi

# --- where there can be no trees ----------------------------------------------------------------

if [ "$DRIVER" = embed-user ]; then
    run unshare -U --map-current-user --keep-caps sh -c \
        'echo 0 >/proc/sys/user/max_user_namespaces; exec setpriv --ambient-caps=-all --inh-caps=-all "$@"' \
        sh "$VIRT_SANDBOX" -v -- zeros
    check "without user namespaces -v says so" \
        grep -q '^virt-sandbox: QEMU is given .* as they are.*: user namespace: ' "$stderr"
fi

done_testing
