/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/changes/changes.h"
#include "libvirt-sandbox/init/clock.h"
#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/kernel/modules.h"
#include "libvirt-sandbox/init/moment.h"
#include "libvirt-sandbox/init/network/dhcp.h"
#include "libvirt-sandbox/init/network/hosts.h"
#include "libvirt-sandbox/init/network/interfaces.h"
#include "libvirt-sandbox/init/network/network.h"
#include "libvirt-sandbox/init/network/resolver.h"
#include "libvirt-sandbox/init/power.h"
#include "libvirt-sandbox/init/program/processes.h"
#include "libvirt-sandbox/init/root/devices.h"
#include "libvirt-sandbox/init/root/disks.h"
#include "libvirt-sandbox/init/kernel/kernel-files.h"
#include "libvirt-sandbox/init/root/mounts.h"
#include "libvirt-sandbox/init/root/procfs.h"
#include "libvirt-sandbox/init/kernel/room.h"
#include "libvirt-sandbox/init/root/root.h"
#include "libvirt-sandbox/init/root/sysfs.h"
#include "libvirt-sandbox/init/service.h"
#include "libvirt-sandbox/init/settings.h"
#include "libvirt-sandbox/init/shell.h"
#include "libvirt-sandbox/init/users.h"
#include "libvirt-sandbox/init/wire/channel.h"
#include "libvirt-sandbox/init/wire/session.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The program that is process 1 of every sandbox: statically linked, no GLib, the same for machines and containers.
 * main() shows the order of the steps, and each step is the subject of a file. A step either succeeds or ends the
 * sandbox through fail().
 */

int
main(void)
{
    static struct settings settings;

    /* Protects this process from being traced, and its files in /proc from being read. */
    prctl(PR_SET_DUMPABLE, 0);
    /* Leaves the keyring of the user who started the container. A kernel without keyrings has none to leave. */
    (void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
    signal(SIGPIPE, SIG_IGN);
    umask(0);

    log_open();
    moment_passed(GUEST_MOMENT_KERNEL);
    settings_read(&settings);
    moments_start(&settings);

    if (settings.machine) {
        first_root_mount();
        modules_load(&settings);
        clock_open();
        moment_passed(GUEST_MOMENT_MODULES);
        if (!settings.service) {
            channel_open_port();
        }
    }
    if (!settings.service) {
        session_send_hello();
    }
    shell_prepare(&settings);

    kernel_files_open();
    hostname_set(settings.hostname);
    loopback_start();
    interfaces_start(&settings);
    processes_limit(&settings);

    users_prepare(&settings);
    root_mount(&settings);
    moment_passed(GUEST_MOMENT_ROOT);
    mounts_plan(&settings);
    devices_mount(&settings);
    disks_make(&settings);
    procfs_mount(&settings);
    sysfs_mount(&settings);
    mounts_mount(&settings);
    resolver_mount();
    hosts_mount(&settings);
    room_finish();
    changes_prepare(&settings);
    root_enter(&settings);
    moment_passed(GUEST_MOMENT_MOUNTS);
    dhcp_keep_leases();

    /* The container must end with its controller; libvirt does not always notice when the controller has died. */
    if (!settings.machine && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) {
        fail(GUEST_STAGE_PROGRAM, errno, "end with the controller");
    }

    if (settings.service) {
        service_run(&settings);
    } else {
        session_run(&settings);
    }
    power_off();
}
