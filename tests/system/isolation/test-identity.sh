#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Who the program is, and that it has no power.
# drivers: embed lxc embed-user

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

# One probe for all: who am I, and what may I do.
cat >"$work/probe" <<'END'
echo "uid=$(id -u)"
echo "gid=$(id -g)"
echo "groups=$(id -G)"
echo "real=$(sed -n 's/^Uid:\t//p' /proc/self/status)"
echo "HOME=$HOME"
echo "USER=$USER"
echo "LOGNAME=$LOGNAME"
echo "PATH=$PATH"
echo "TERM=${TERM-unset}"
echo "pwd=$(pwd)"
for set in CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs; do
    echo "$set=$(sed -n "s/^$set:\t//p" /proc/self/status)"
done
END
none=0000000000000000

check_powerless() {
    local set
    for set in CapInh CapPrm CapEff CapBnd CapAmb; do
        check_value "$1: $set is empty" "$set" "$none"
    done
    check_value "$1: no new privileges" NoNewPrivs 1
}

home_of() {
    getent passwd "$1" | cut -d: -f6
}

# --- the caller -------------------------------------------------------------------------------

cd /usr/share || exit
sandbox -- sh <"$work/probe"
check_status "the probe runs" 0
me=$(id -un)
check_value "the caller's uid" uid "$(id -u)"
check_value "the caller's gid" gid "$(id -g)"
check_value "no supplementary groups" groups "$(id -g)"
check_value "HOME is the caller's" HOME "$(home_of "$me")"
check_value "USER is the caller" USER "$me"
check_value "LOGNAME is the caller" LOGNAME "$me"
check "PATH has the usual places" grep -qE '^PATH=.*/usr/bin' "$stdout"
check_value "the working directory is the caller's" pwd /usr/share
check_powerless "the caller"

[ "$DRIVER" != embed-user ] || { done_testing; exit; }

# --- somebody else ----------------------------------------------------------------------------

sandbox -S nobody -- sh <"$work/probe"
check_status "-S runs" 0
check_value "-S: uid" uid "$(id -u nobody)"
check_value "-S: gid" gid "$(id -g nobody)"
check_value "-S: every uid of the process" real \
    "$(printf '%s\t%s\t%s\t%s' "$(id -u nobody)"{,,,})"
check_value "-S: USER" USER nobody
check_value "-S: HOME" HOME "$(home_of nobody)"
check_powerless "-S"

sandbox -S nobody -- sh -c 'touch /root/x 2>/dev/null || echo refused; cat /etc/shadow >/dev/null 2>&1 || echo refused'
check_stdout "-S cannot do what only root can" $'refused\nrefused'

sandbox -S no-such-user -- true
check_message "an unknown user is said" 125 "no-such-user"

sandbox -p -- sh <"$work/probe"
check_status "-p runs" 0
check_value "-p: uid" uid 0
check_value "-p: gid" gid 0
check_value "-p: USER" USER root
check "-p: has capabilities" test "$(value CapEff)" != "$none"

done_testing
