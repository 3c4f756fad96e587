/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/init.h"

#include <sys/reboot.h>
#include <unistd.h>

/* Only the first process of a machine may power off what it runs on. */
static bool is_machine;

void
power_set_machine(bool machine)
{
    is_machine = machine;
}

noreturn void
power_off(void)
{
    if (is_machine && getpid() == 1) {
        reboot(RB_POWER_OFF);
        /* No ACPI: a restart ends a machine that is not allowed to. */
        reboot(RB_AUTOBOOT);
    }
    _exit(1);
}
