# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# The machine of `virt-sandbox -- /bin/true` without libvirt: the command with which libvirt starts QEMU,
# taken from one that is starting, less what only libvirt needs, with the boot image and the manifest of that
# run.
#
# shellcheck disable=SC2154

bare=()

# qemu_of NAME: the process of that machine.
qemu_of() {
    local file process
    for file in $(grep -lzE "^guest=$1(,|\$)" /proc/[0-9]*/cmdline 2>/dev/null); do
        process=${file//[!0-9]/}
        # Who starts it can have the same words.
        [[ $(readlink "/proc/$process/exe") != */qemu-* ]] || { echo "$process" && return; }
    done
    return 1
}

# await_qemu NAME CALLER: as soon as it is there.
await_qemu() {
    until qemu_of "$1"; do
        kill -0 "$2" 2>/dev/null || return 1
        sleep 0.01
    done
}

# option_of NAME WORD…: what follows NAME in a command.
option_of() {
    local name=$1
    shift
    while [ $# -gt 1 ]; do
        [ "$1" != "$name" ] || { echo "$2" && return; }
        shift
    done
    return 1
}

# Its monitor and the key to it, the order to wait for the monitor, and that QEMU outlives the machine.
without_libvirt() {
    local words=("$@")
    local i
    for ((i = 0; i < ${#words[@]}; i++)); do
        case "${words[i]} ${words[i + 1]-}" in
            -S\ * | -no-shutdown\ *) ;;
            -object\ *masterKey* | -mon\ * | -chardev\ *charmonitor*) i=$((i + 1)) ;;
            -chardev\ *charchannel0*)
                bare+=(-chardev "socket,id=charchannel0,fd=3,server=on,wait=off")
                i=$((i + 1))
                ;;
            -initrd\ * | -bios\ *)
                bare+=("${words[i]}" "$scratch/${words[i]#-}")
                i=$((i + 1))
                ;;
            *) bare+=("${words[i]}") ;;
        esac
    done
    bare+=(-no-reboot)
}

# What is gone when that run has ended: the initrd, and the firmware if there is one.
copy_files() {
    local firmware
    cp "$(option_of -initrd "$@")" "$scratch/initrd" || return 1
    ! firmware=$(option_of -bios "$@") || cp "$firmware" "$scratch/bios"
}

# Leaves QEMU's command in $bare and the initrd that it names; does nothing if they are there.
find_bare_machine() {
    local name=bench-$$
    local caller process words=()
    [ ${#bare[@]} = 0 ] || return 0
    "${sandbox[@]}" -n "$name" -- /bin/true </dev/null >"$scratch/output" 2>&1 3>&- &
    caller=$!
    process=$(await_qemu "$name" "$caller") && mapfile -d '' -t words <"/proc/$process/cmdline" &&
        copy_files "${words[@]}"
    wait "$caller" && [ ${#words[@]} -gt 0 ] && [ -s "$scratch/initrd" ] || {
        complain "no machine of which to take QEMU's command"
        cat "$scratch/output" >&2
        return 1
    }
    without_libvirt "${words[@]}"
    [[ " ${bare[*]} " = *,fd=3,server=on* ]] || {
        complain "no channel in QEMU's command: ${words[*]}"
        bare=()
        return 1
    }
}

# bare_machine WHAT AMOUNT [OPTION OF QEMU…]: see bare-machine.c.
bare_machine() {
    "$programs/bare-machine" "$1" "$2" "${bare[@]}" "${@:3}"
}

bare_true() { bare_machine run -; }

# bare_channel WHAT AMOUNT: the same machine, with an init that sends back what comes.
bare_channel() {
    local initrd=$scratch/initrd-echo
    if [ ! -e "$initrd" ]; then
        cp "$scratch/initrd" "$initrd" && "$programs/put-init" "$initrd" "$programs/echo-init" || return 1
    fi
    bare_machine "$1" "$2" -initrd "$initrd"
}
