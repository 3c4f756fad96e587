#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# An installer with all rights inside, on the host's own root and thrown away: packages, users, a home. In a machine
# much of what it needs is closed to QEMU's user.
# drivers: embed embed-user lxc
# seconds: 900

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

# Beside other work.
limit=450
for tool in apt-get dpkg-deb useradd sha256sum; do
    command -v "$tool" >/dev/null || skip_all "$tool is not installed"
done

# A package, and an archive of nothing else.
mkdir -p "$work/package/DEBIAN" "$work/package/usr/bin" "$work/archive"
cat >"$work/control" <<'END'
Package: libvirt-sandbox-sample
Version: 1
Architecture: all
Maintainer: nobody <nobody@example.org>
Description: sample
END
cp "$work/control" "$work/package/DEBIAN/control"
# As daemons do.
printf '#!/bin/sh -e\nuseradd --system sample-daemon\n' >"$work/package/DEBIAN/postinst"
printf '#!/bin/sh\necho sample works\n' >"$work/package/usr/bin/libvirt-sandbox-sample"
chmod 755 "$work/package/DEBIAN" "$work/package/DEBIAN/postinst" "$work/package/usr/bin/libvirt-sandbox-sample"
dpkg-deb --root-owner-group -b "$work/package" "$work/archive/sample.deb" >"$work/deb.log"
{
    cat "$work/control"
    echo "Filename: ./sample.deb"
    echo "Size: $(stat -c %s "$work/archive/sample.deb")"
    echo "SHA256: $(sha256sum "$work/archive/sample.deb" | cut -d ' ' -f 1)"
} >"$work/archive/Packages"
echo "deb [trusted=yes] copy:/mnt ./" >"$work/archive/sources.list"
# "copy" has files written to the directories that apt-get keeps for a user of its own.
# Nothing of what the host's packages have apt-get run besides.
cat >"$work/archive/apt.conf" <<'END'
#clear APT::Update;
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
END
cat >"$work/archive/install" <<'END'
options="-o Dir::Etc::SourceList=/mnt/sources.list -o Dir::Etc::SourceParts=- -o APT::Get::List-Cleanup=false"
# No other packages: to read the lists of all that the host has takes minutes under emulation.
mkdir /var/lib/dpkg/info /var/lib/dpkg/updates /var/lib/dpkg/triggers
touch /var/lib/dpkg/status /var/lib/dpkg/available
export APT_CONFIG=/mnt/apt.conf
stat -c 'modes=%a %u' /var/lib/apt/lists/partial
apt-get $options update >/tmp/log 2>&1
echo "update=$?"
apt-get $options install -y libvirt-sandbox-sample >>/tmp/log 2>&1
echo "install=$?"
echo "program=$(libvirt-sandbox-sample)"
echo "daemon=$(id -gn sample-daemon)"
useradd -m sample-user
echo "user=$?"
echo "users-password=$(grep -c '^sample-user:!' /etc/shadow)"
echo "users-home=$(stat -c %U /home/sample-user)"
cd && echo mine >.mine
echo "home=$(cat ~/.mine)"
echo "passwords=$(cut -d : -f 2 /etc/shadow /etc/gshadow | grep -cE '.{3}')"
sed 's/^/# /' /tmp/log >&2
END
chmod -R a+rX "$work/archive"

# Homes have caches of our own, and the time of /home is anybody's.
host_state() {
    stat -c '%n %i %Y %Z %s %a %U' /etc/passwd /etc/group /etc/shadow /etc/gshadow /var/lib/apt/lists/partial
    ls -d /home/sample-user /root/.mine ~/.mine 2>/dev/null
}
host_state >"$work/before"
sandbox -p --overlay --changes "$work/changes.tar" -m ram:/var/lib/dpkg=16M \
    -m "host-bind:/mnt=$work/archive,ro" -- sh /mnt/install
check_status "an installer ends well" 0
check_value "apt-get writes its lists" update 0
check_value "and installs a package" install 0
check_value "which runs" program "sample works"
check_value "and has added its user" daemon sample-daemon
check_value "useradd adds another" user 0
check_value "who has a password that does not fit" users-password 1
check_value "and a home of his own" users-home sample-user
check_value "home can be entered and written" home mine
check_value "directories have the owner and mode that they have here" modes \
    "$(stat -c '%a %u' /var/lib/apt/lists/partial)"
check_equal "the host has nothing of it" "$(cat "$work/before")" "$(host_state)"

tar -tf "$work/changes.tar" >"$work/changes" 2>"$work/changes.err"
check "what was installed is a change" grep -qx usr/bin/libvirt-sandbox-sample "$work/changes"
check "and so is the user" grep -qx etc/passwd "$work/changes"
check_equal "no directory that was shown empty takes the place of the host's" "" \
    "$(grep -E '(lists|archives)/partial/\.wh\.\.wh\.|^root/\.wh\.' "$work/changes")"
if [ "$kind" = machine ]; then
    check_value "a machine has no password of the host" passwords 0
    check_equal "and made up ones are no change of the host's" "" "$(grep -E '^etc/g?shadow' "$work/changes")"
fi

# --- without an overlay -------------------------------------------------------------------------

sandbox -- sh -c 'cd && ls -A >/dev/null && echo entered; touch ~/.libvirt-sandbox-test 2>/dev/null || echo kept'
check_stdout "home can be entered without an overlay, too, and not written" $'entered\nkept'
if [ "$(id -u)" = 0 ]; then
    sandbox -m ram:/root/deep/er=1M -- sh -c 'echo x >~/deep/er/x && cat ~/deep/er/x'
    check_stdout "and something can be mounted in it" x
fi

done_testing
