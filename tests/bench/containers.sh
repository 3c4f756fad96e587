# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Rows about a container as a whole.
#
# shellcheck disable=SC2154

container_true() { container /bin/true; }

# What a user of it would type, but for limits that the host may not allow to be raised.
podman_true() {
    podman run --rm --network none --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 --rootfs /:O true
}

# libvirtd does nothing else for 200 ms after a container; who types commands does not notice.
rested() {
    sleep 0.3
    "$@"
}

has_podman() {
    if ! command -v podman >/dev/null; then
        skipped "podman is not installed"
    elif ! podman_true </dev/null >"$scratch/output" 2>&1 3>&-; then
        skipped "podman does not run here: $(tail -n 1 "$scratch/output")"
    else
        return 0
    fi
    return 1
}

row_container_true() {
    ! has_podman || compare container-true s 0.55 "/bin/true in a container" "rested seconds container_true" \
        "podman run --rootfs /:O" "rested seconds podman_true"
}

row_container_again() {
    ! has_podman || compare container-again s "" "the same at once after another" "seconds container_true" \
        "podman run --rootfs /:O" "seconds podman_true"
}

smallest_container() { "$programs/smallest-container"; }

row_container_floor() {
    compare container-floor s 1.25 "/bin/true in a container" "seconds container_true" \
        "the smallest container of libvirt" "seconds smallest_container"
}

row_containers_at_once() {
    compare containers-at-once s 1.00 "8 containers at once" "seconds together 8 container_true" \
        "one after another" "seconds one_after_another 8 container_true"
}
