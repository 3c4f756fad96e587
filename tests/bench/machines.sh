# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Rows about a machine as a whole: how long it takes, and what memory.
#
# shellcheck disable=SC2154

machine_true() {
    "${sandbox[@]}" "$@" -- /bin/true
}

row_machine_true() {
    find_bare_machine || return 1
    compare machine-true s 1.20 "/bin/true in a machine" "seconds machine_true" \
        "the same machine without libvirt" "seconds bare_true"
}

# --- a plain boot -----------------------------------------------------------------------------

plain_qemu() {
    timeout 120 qemu-system-x86_64 -accel "$accelerator" -display none -no-reboot \
        -kernel "$bzimage" -initrd "$base_initrd" -append "panic=-1"
}

# The init of the cached image finds no manifest, so it powers off.
row_machine_plain() {
    local accelerator release bzimage base_initrd
    find_bare_machine || return 1
    accelerator=$(option_of -accel "${bare[@]}")
    base_initrd=$(option_of -kernel "${bare[@]}")
    base_initrd=${base_initrd%/*}/initrd
    release=$("${sandbox[@]}" -- uname -r </dev/null) || return 1
    bzimage=/boot/vmlinuz-$release
    if [ ! -e "$bzimage" ] || [ ! -e "$base_initrd" ]; then
        skipped "no $bzimage or no $base_initrd"
        return
    fi
    compare machine-plain s 0.22 "/bin/true in a machine" "seconds machine_true" \
        "QEMU with a bzImage, powering off" "seconds plain_qemu"
}

# --- the other drivers ------------------------------------------------------------------------

against_embedded() {
    # That driver learns of QEMU, too.
    quietly machine_true -c "$2" || return 1
    compare "$1" s '' "/bin/true by $2" "seconds machine_true -c $2" \
        "the embedded driver" "seconds machine_true"
}

row_machine_system() { against_embedded machine-system qemu:///system; }
row_machine_session() { against_embedded machine-session qemu:///session; }

# --- without a cache --------------------------------------------------------------------------

# Root's cache is hidden under an empty one; nobody else sees that.
machine_first() {
    local cover="mount -t tmpfs -o mode=755 bench /var/cache/libvirt-sandbox"
    if [ "$(id -u)" = 0 ]; then
        # shellcheck disable=SC2016
        unshare --mount sh -c "$cover"' && exec "$@"' sh "${sandbox[@]}" -- /bin/true
    else
        XDG_CACHE_HOME=$(mktemp -d "$scratch/cache.XXXXXX") "${sandbox[@]}" -- /bin/true
    fi
}

row_machine_first() {
    compare machine-first s '' "/bin/true, no boot image yet" "seconds machine_first" \
        "the same with what is kept" "seconds machine_true"
}

# --- memory -----------------------------------------------------------------------------------

# most_memory PROCESS: waits for its end, and prints how many MiB it has had at most.
most_memory() {
    local size most=''
    while size=$(awk '/^VmHWM:/ { print $2 }' "/proc/$1/status" 2>/dev/null) && [ -n "$size" ]; do
        most=$size
        sleep 0.02
    done
    awk -v kib="$most" 'BEGIN { if (kib == "") exit 1; printf "%.1f\n", kib / 1024 }'
}

# with_qemu_memory NAME SAMPLES COMMAND…: samples the memory of that machine's QEMU while COMMAND runs.
with_qemu_memory() {
    local name=$1 samples=$2
    local process taken caller
    shift 2
    "$@" </dev/null >"$scratch/output" 2>&1 3>&- &
    caller=$!
    process=$(await_qemu "$name" "$caller") && taken=$(most_memory "$process") && sample "$samples" "$taken"
    wait "$caller" && [ -n "$taken" ] || {
        complain "no memory measured: $*"
        cat "$scratch/output" >&2
        return 1
    }
}

sample_qemu() {
    with_qemu_memory "bench-memory-$$" qemu "${sandbox[@]}" -n "bench-memory-$$" -- /bin/true
}

sample_bare_qemu() {
    local name
    name=$(option_of -name "${bare[@]}")
    name=${name#guest=}
    with_qemu_memory "${name%%,*}" bare-qemu bare_true
}

sample_caller() {
    local taken
    # Not the function: the process has to become the program.
    "${sandbox[@]}" -- /bin/true </dev/null >"$scratch/output" 2>&1 3>&- &
    taken=$(most_memory "$!")
    wait "$!" && [ -n "$taken" ] && sample caller "$taken"
}

sample_guest() {
    quietly "${sandbox[@]}" -- grep '^MemAvailable:' /proc/meminfo &&
        sample guest "$(awk '{ printf "%.1f", $2 / 1024 }' "$scratch/output")"
}

row_machine_memory() {
    find_bare_machine && in_turn sample_caller sample_qemu sample_bare_qemu sample_guest || return 1
    report memory-caller MiB '' "memory of virt-sandbox, at most" caller
    report memory-qemu MiB +10 "memory of QEMU, at most" qemu "QEMU without libvirt" bare-qemu
    report memory-guest MiB '' "memory free in the guest" guest
}

# --- several at once --------------------------------------------------------------------------

# together NUMBER COMMAND…: as many at once; fails if one does.
together() {
    local number=$1
    local process failures=0 processes=()
    shift
    for ((; number > 0; number--)); do
        "$@" &
        processes+=($!)
    done
    for process in "${processes[@]}"; do
        wait "$process" || failures=1
    done
    return $failures
}

one_after_another() {
    local number=$1
    shift
    for ((; number > 0; number--)); do
        "$@" || return 1
    done
}

row_machines_at_once() {
    compare machines-at-once s 1.00 "4 machines at once" "seconds together 4 machine_true" \
        "one after another" "seconds one_after_another 4 machine_true"
}
