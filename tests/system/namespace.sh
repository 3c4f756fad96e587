# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Runs a command in namespaces of its own that leave nothing behind. Sourced by
# with-libvirt and as-user, which say what is different inside:
#
#   namespace_flags    further namespaces, as options of unshare(1)
#   namespace_cgroups  "yes" to give the command cgroups of its own
#   prepare_inside     called as process 1 of the new namespaces, before the command
#   run_command        runs its arguments, as the user that they shall have
#   finish_inside      called after the command
#
# Four processes do it:
#
#   watcher     outside, in a session of its own; removes what is left outside
#               once the supervisor is gone, however it went
#   supervisor  outside, what the caller sees: passes signals on, waits
#   process 1   inside; dies with the supervisor, and with it everything inside
#   command     inside, with the caller's terminal, descriptors and directory

: "${script:?the script that sources this file}" "${namespace_flags=}" "${namespace_cgroups=no}"

program=${script##*/}
forwarded_signals="HUP INT QUIT USR1 USR2 TERM WINCH"

fail() {
    echo "$program: $*" >&2
    exit 125
}

# The directories that are ours in every cgroup hierarchy, one "TYPE OPTIONS DIRECTORY"
# a line: version 1 where the machine has any, else version 2.
list_cgroups() {
    local controllers path mounted root where type options rest
    local has_v1=no
    while IFS=: read -r _ controllers path; do
        [ -n "$controllers" ] || { [ "$has_v1" = no ] && type=cgroup2 || continue; }
        [ -z "$controllers" ] || type=cgroup
        while read -r _ _ _ root where rest; do
            rest=${rest##* - }
            mounted=${rest%% *}
            options=${rest##* }
            [ "$mounted" = "$type" ] || continue
            [[ $type = cgroup2 || ,$options, = *,${controllers%%,*},* ]] || continue
            [ "$root" = / ] || path=${path#"$root"}
            # A process may not live beside its own children in version 2, and only the
            # top of the tree is sure to hand its controllers on.
            [ "$type" = cgroup ] || path=
            echo "$type ${controllers:-none} ${where%/}${path%/}/libvirt-sandbox-test-$1"
            [ "$type" = cgroup2 ] || has_v1=yes
            break
        done </proc/self/mountinfo
    done </proc/self/cgroup
}

make_cgroups() {
    local type directory setting
    while read -r type _ directory; do
        mkdir "$directory" || fail "cannot make a cgroup of its own"
        [ "$type" = cgroup ] || continue
        for setting in cpuset.cpus cpuset.mems; do
            [ ! -e "$directory/$setting" ] || cat "${directory%/*}/$setting" >"$directory/$setting"
        done
    done <<<"$cgroups"
}

remove_cgroups() {
    local directory
    while read -r _ _ directory; do
        [ ! -d "$directory" ] || find "$directory" -depth -type d -exec rmdir {} + 2>/dev/null
    done <<<"$cgroups"
}

cgroups_exist() {
    local directory
    while read -r _ _ directory; do
        [ ! -d "$directory" ] || return 0
    done <<<"$cgroups"
    return 1
}

# All but the standard ones, the script that bash reads (255) and those named.
close_descriptors_except() {
    local descriptor
    for descriptor in /proc/self/fd/*; do
        descriptor=${descriptor##*/}
        [[ $descriptor = [012] || " 255 $* " = *" $descriptor "* ]] || eval "exec $descriptor>&-"
    done
}

# The supervisor holds the other end of our standard input for as long as it lives or cares.
watch() {
    close_descriptors_except "$report"
    cat >/dev/null
    # Process 1 is sent SIGKILL when the supervisor dies, but the kernel takes its time.
    for _ in {1..300}; do
        remove_cgroups
        cgroups_exist || break
        sleep 0.1
    done
    echo swept >&"$report"
}

# Terminals signal the whole foreground process group: the command has had it already.
came_from_terminal() {
    local stat fields
    [[ $1 = @(INT|QUIT|WINCH) ]] || return 1
    read -r stat <"/proc/$$/stat"
    read -r -a fields <<<"${stat##*) }"
    [ "${fields[2]}" = "${fields[5]}" ]
}

forward() {
    was_signalled=yes
    ! came_from_terminal "$1" || return 0
    if [ -z "$command_pid" ]; then
        read -r -t 0.1 -u "$report" command_pid || :
    fi
    if [ -n "$command_pid" ]; then
        # Our children are born into the new pid namespace, where this number is known.
        (kill -s "$1" "$command_pid") 2>/dev/null
    elif [ "$1" != WINCH ]; then
        gave_up=$((128 + $(kill -l "$1")))
        kill -KILL "$process_1"
    fi
}

supervise() {
    local signal status line
    command_pid='' gave_up=''
    for signal in $forwarded_signals; do
        # shellcheck disable=SC2064
        trap "forward $signal" "$signal"
    done
    # Background jobs of a shell start with SIGINT and SIGQUIT ignored: undo that. The first
    # child is process 1, so nothing may fork before.
    (
        # shellcheck disable=SC2086 # several signals
        trap - $forwarded_signals
        exec {life}>&-
        # shellcheck disable=SC2086 # several words
        exec env $restored_signals setpriv --pdeathsig KILL bash "$script" @enter "$@"
    ) <&0 &
    process_1=$!
    while :; do
        was_signalled=no
        wait "$process_1"
        status=$?
        [ "$was_signalled" = yes ] || break
    done
    # With process 1 gone there can be no more children: the watcher has to do what is left.
    exec {life}>&-
    while read -r -t 30 -u "$report" line && [ "$line" != swept ]; do :; done
    exit "${gave_up:-$status}"
}

# Process 1, still with the mounts and the process numbers of outside.
enter() {
    local stat fields directory
    read -r stat </proc/self/stat
    read -r -a fields <<<"${stat##*) }"
    [ "${fields[1]}" = "$supervisor" ] || exit 125
    [ -z "$cgroups" ] || while read -r _ _ directory; do
        echo 0 >"$directory/cgroup.procs" || fail "cannot enter $directory"
    done <<<"$cgroups"
    # shellcheck disable=SC2086
    exec unshare --mount $namespace_flags bash "$script" @inside "$@"
}

inside() {
    local signal status
    for signal in $forwarded_signals; do
        trap : "$signal"
    done
    mount -t proc -o nosuid,nodev,noexec proc /proc || fail "cannot mount /proc"
    prepare_inside
    # The shell has something to say on the command's death; that is the caller's business.
    exec {messages}>&2 2>/dev/null
    (
        # shellcheck disable=SC2086 # several signals
        trap - $forwarded_signals
        echo "$BASHPID" >&"$report"
        exec 2>&"$messages" {messages}>&- {report}>&-
        unset cgroups life report supervisor restored_signals
        run_command "$@"
    )
    status=$?
    exec 2>&"$messages"
    finish_inside
    exit "$status"
}

# Signals that our caller ignores stay ignored, as for any program it starts.
signals_to_restore() {
    local name mask
    while read -r name mask; do
        [ "$name" = SigIgn: ] || continue
        ((0x$mask & 2)) || echo "--default-signal=INT"
        ((0x$mask & 4)) || echo "--default-signal=QUIT"
    done </proc/self/status
}

# Covers DIRECTORY with a copy of itself in memory, to which entries can be added.
# The entries that are there stay what they are.
make_room_in() {
    local directory=$1
    local entry mode
    local old=/run/namespace$1
    mode=$(stat -c %a "$directory")
    mkdir -p "$old"
    mount --rbind "$directory" "$old" && mount -t tmpfs -o "mode=$mode" room "$directory" ||
        fail "cannot cover $directory"
    for entry in "$old"/*; do
        if [ -L "$entry" ]; then
            cp -P "$entry" "$directory/"
        elif [ -d "$entry" ]; then
            mkdir "$directory/${entry##*/}"
            mount --rbind "$entry" "$directory/${entry##*/}"
        fi
    done
    umount -l "$old"
}

start() {
    [ "$(id -u)" = 0 ] || fail "must be run as root"
    cgroups=
    [ "$namespace_cgroups" = no ] || cgroups=$(list_cgroups $$)
    restored_signals=$(signals_to_restore)
    supervisor=$$
    exec {report}<> <(:)
    export cgroups restored_signals supervisor report
    exec {life}> >(exec setsid bash "$script" @watch >/dev/null 2>&1)
    export life
    [ -z "$cgroups" ] || make_cgroups
    exec unshare --pid bash "$script" @supervise "$@"
}

namespace_main() {
    case ${1-} in
        @watch) watch ;;
        @supervise) shift && supervise "$@" ;;
        @enter) shift && enter "$@" ;;
        @inside) shift && inside "$@" ;;
        *) start "$@" ;;
    esac
}
