# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh has them
#
# What the tests share that do people's daily work. After lib.sh.

# What the system's packages have, and no toolchain of this machine's own.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
projects=$work/projects
mkdir "$projects"
cd "$projects" || exit
# Programs are slow in an emulated processor.
limit=900

# A home in which programs can write what they like, and the project, which is the host's.
at_work=(--home --share)
# What another than root makes for root's QEMU would be that other's.
[ "$kind" != machine ] || [ "$(id -u)" != 0 ] || at_work+=(--qemu-user root)

# An emulated processor takes a minute for most of this, so of its two users each does a part; ALL_JOBS=yes has both do
# all. Containers always do.
its_turn() {
    local who=user
    [ "$(id -u)" != 0 ] || who=root
    [ "$kind" = container ] || [ "${ALL_JOBS-}" = yes ] || [ "$1" = "$who" ] || [ "$1" = both ]
}

# job_needs PROGRAM WHAT root|user|both: makes a project of its name, if it is installed and whose turn it is.
job_needs() {
    its_turn "$3" || return 1
    if command -v "$1" >/dev/null; then
        mkdir -p "$projects/$1"
    else
        skip "$2" "$1 is not installed"
        return 1
    fi
}

# job PROJECT [OPTIONS] COMMAND…: typed in its directory.
job() {
    local project=$projects/$1
    local began=$SECONDS
    shift
    mkdir -p "$project"
    cd "$project" || return
    sandbox "${at_work[@]}" "$@"
    cd "$projects" || return
    echo "# ${project##*/}: $((SECONDS - began)) s"
}
