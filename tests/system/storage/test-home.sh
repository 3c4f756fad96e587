#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A home directory of the program's own, secrets that are hidden, and links of a root in /run.
# drivers: embed lxc
# seconds: 900
#
# Programs inside are to expand it.
# shellcheck disable=SC2016,SC2088

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

[ -x /bin/busybox ] || skip_all "busybox-static is not installed"

# --- a root with people in it -------------------------------------------------------------------

root=$work/root
real=$root/people/alice
mkdir -p "$root"/{etc,dev,proc,sys,tmp,run,store/bin,root/.ssh,bin} "$real"
ln -s /people "$root/home"
cp /bin/busybox "$root/store/bin/"
for tool in sh ls cat id stat find touch mkdir ln readlink df awk umount mkfifo wc sort env; do
    ln -s busybox "$root/store/bin/$tool"
done
ln -s /store/bin/busybox "$root/bin/sh"
ln -s /store "$root/run/current-system"
ln -s /store "$root/run/other"
cat >"$root/etc/passwd" <<END
root:x:0:0::/root:/bin/sh
alice:x:1234:1234::/home/alice:/bin/sh
daemon:x:1235:1235::/:/bin/sh
lost:x:1236:1236::/people/gone/lost:/bin/sh
END
mkdir -p "$real"/{.ssh,.cargo/bin,.local/bin,.local/share/pipx/venvs/x/bin,.config/gh,private,src/project} \
    "$real/dotfiles/rustup/toolchains" "$root/root/.cargo/bin"
echo secret >"$real/.ssh/id"
echo secret >"$real/.cargo/credentials.toml"
echo secret >"$real/.config/gh/hosts.yml"
echo secret >"$real/private/diary"
echo secret >"$root/root/.ssh/id"
echo tool >"$real/.cargo/bin/tool"
echo tool >"$root/root/.cargo/bin/tool"
echo x >"$real/.local/share/pipx/venvs/x/bin/x"
echo compiler >"$real/dotfiles/rustup/toolchains/rustc"
ln -s ../share/pipx/venvs/x/bin/x "$real/.local/bin/x"
ln -s dotfiles/rustup "$real/.rustup"
ln -s /store "$real/.pyenv"
ln -s ../../.ssh/id "$real/.local/bin/stolen"
mkdir "$work/project"
echo ours >"$work/project/file"
echo mine >"$work/gitconfig"
chmod -R a+rX "$root" "$work/project" "$work/gitconfig"
path=(-e PATH=/run/current-system/bin)

# --- a home of its own --------------------------------------------------------------------------

probe='echo home=$HOME; echo runtime=$(stat -c "%a %u %F" $XDG_RUNTIME_DIR); echo mode=$(stat -c "%a %u %g" ~)
    echo size=$(df -k ~ | awk "END { print \$2 }"); echo there=$(cd ~; find . | sort)
    echo tool=$(cat ~/.cargo/bin/tool); echo x=$(cat ~/.local/bin/x); echo pyenv=$(readlink ~/.pyenv)
    echo included=$(cat ~/.gitconfig); echo shared=$(cat ~/src/project/file)
    echo written=$(touch ~/.cargo/registry ~/src/new ~/.local/share/new ~/new && mkdir -p ~/.cache/a/b &&
        mkfifo ~/.cache/pipe && ln -s a ~/.cache/link && echo yes)
    touch ~/.cargo/bin/new ~/.local/share/pipx/venvs/x/new 2>/dev/null || echo kept=read-only
    cat ~/.ssh/id ~/.local/bin/stolen ~/private/diary ~/.cargo/credentials.toml /people/alice/.ssh/id 2>/dev/null
    echo run=$(ls -d /run/*)'
there='. ./.cargo ./.cargo/bin ./.cargo/bin/tool ./.gitconfig ./.local ./.local/bin ./.local/bin/stolen ./.local/bin/x'
there+=' ./.local/share ./.local/share/pipx ./.local/share/pipx/venvs ./.local/share/pipx/venvs/x'
there+=' ./.local/share/pipx/venvs/x/bin ./.local/share/pipx/venvs/x/bin/x ./.pyenv ./src ./src/project'
there+=' ./src/project/file'
sandbox -r "$root" -S alice --home=16M -i "/home/alice/.gitconfig=$work/gitconfig" "${path[@]}" \
    -m "host-bind:/people/alice/src/project=$work/project,ro" -- sh -c "$probe"
check_status "a program has a home of its own" 0
check_value "at the place of the real one" home /home/alice
check_value "which is its user's alone" mode "700 1234 1234"
check_value "as large as asked for" size 16384
check_value "with what was put there and the toolchains, and nothing else" there "$there"
check_value "a toolchain can be used" tool tool
check_value "one that is a link within the list, too" x x
check_value "a link to elsewhere is the same link" pyenv /store
check_value "what is included is there" included mine
check_value "what is mounted below, by its other name, too" shared ours
check_value "all around can be written" written yes
check_value "a toolchain cannot" kept read-only
check "nothing of the real home is seen" test "$(grep -c secret "$stdout")" = 0
check_value "a session has a directory for its sockets" runtime "700 1234 directory"
check_value "in /run there is, of the root's links, what its programs need" run \
    "/run/current-system /run/lock /run/user"

sandbox -r "$root" -p --overlay --home "${path[@]}" -- sh -c 'umount -l ~; umount -l ~/.cargo/bin
    cat /root/.ssh/id; cat ~/.cargo/bin/tool; echo new >~/file && cat ~/file'
if [ "$kind" = container ] || shows_trees; then
    check "root cannot take it away" test "$(grep -c secret "$stdout")" = 0
else
    skip "root cannot take it away" "QEMU is given the host's directories as they are"
fi
check_stdout_matches "its toolchains are there" '^tool$'
check_stdout_matches "and it can write there" '^new$'

sandbox -r "$root" -S daemon --home "${path[@]}" -- sh -c 'echo $HOME; touch ~/x && ls /store/bin/sh'
check_stdout "a user whose home is / has one all the same" $'/home/daemon\n/store/bin/sh'
sandbox -r "$root" -S lost --home -C /people/gone/lost "${path[@]}" -- sh -c 'touch x && echo ~/*; echo $PWD'
check_stdout "and one whose home is missing" $'/people/gone/lost/x\n/people/gone/lost'
check "nothing is made in the root" test ! -e "$root/people/gone" -a ! -e "$root/people/daemon"

# --- secrets ------------------------------------------------------------------------------------

mkdir -p "$work/config/libvirt-sandbox"
printf '# mine\n\n  ~/private\n/etc/keys/\n' >"$work/config/libvirt-sandbox/secrets"
echo key >"$root/etc/keys"
export XDG_CONFIG_HOME=$work/config
sandbox -r "$root" -S alice --hide-secrets "${path[@]}" -m "host-bind:/mnt=$root/people,ro" \
    -m "host-bind:/srv=$real/.config,ro" -m guest-bind:/opt=/mnt -- sh -c '
    for home in ~ /people/alice /mnt/alice /opt/alice; do
        cat $home/.ssh/id $home/.config/gh/hosts.yml $home/private/diary $home/.local/bin/stolen; done
    cat /srv/gh/hosts.yml /etc/keys; ls -A ~/.ssh; cat ~/.cargo/bin/tool' 2>"$work/said"
check_status "a program runs with secrets hidden" 0
check_stdout "they are, wherever a mount shows them" tool

sandbox -r "$root" -S alice --hide-secrets --home "${path[@]}" -- sh -c 'mkdir ~/.ssh && echo mine >~/.ssh/id && cat ~/.ssh/id'
check_stdout "in a home of its own a program can have secrets" mine

# --- mistakes -----------------------------------------------------------------------------------

printf '\n~/a\nb\n' >"$work/config/libvirt-sandbox/secrets"
sandbox --hide-secrets -- true
check_message "a mistake in a list is told with its line" 125 \
    'hide-secrets: .*config/libvirt-sandbox/secrets: line 3: "b": a path begins with ~/ or /'
printf '~/../b\n' >"$work/config/libvirt-sandbox/secrets"
sandbox --hide-secrets -- true
check_message "no way leads out of the home" 125 'line 1: "~/../b"'
printf '/usr/bin\n' >"$work/config/libvirt-sandbox/toolchains"
sandbox --home -- true
check_message "toolchains are in a home" 125 'home: .*toolchains: line 1: "/usr/bin"'
rm "$work/config/libvirt-sandbox/toolchains"
mkfifo "$work/config/libvirt-sandbox/toolchains"
sandbox --home -- true
check_message "a list is a file" 125 'not a regular file'
rm -r "$work/config/libvirt-sandbox"
for size in "" 0 much -1; do
    sandbox "--home=$size" -- true
    check_message "--home=$size is refused" 125 '--home'
done
sandbox -r "$root" -S alice --home -m ram:/people/alice=1M -- true
check_message "a home and a mount on it are refused" 125 'home: there is a mount on /people/alice already'
ln -s people "$root/persons"
sandbox -r "$root" -S alice --home -m ram:/persons/alice/src=1M -- true
check_message "a mount that a link leads into it would be covered" 125 \
    'home: a link of the root leads the mount /persons/alice/src to /people/alice/src; mount it there'
rm "$root/persons"

run "$VIRT_SANDBOX" "${connect[@]}" -n kept --home=1M --hide-secrets -S root -i "/root/a;b=$work/gitconfig" --save "$work/saved" -- true
check_status "both can be saved" 0
check_equal "with what is included" $'privateHome=true\nhomeSize=1048576\nhideSecrets=true\ndst=/a;b' \
    "$(grep -E '^(privateHome|homeSize|hideSecrets|dst)=' "$work/saved")"
sandbox --config "$work/saved" --save "$work/again"
check "saved again it is the same" cmp "$work/saved" "$work/again"

done_testing
