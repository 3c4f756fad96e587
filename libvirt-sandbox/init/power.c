/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/power.h"

#include <sys/reboot.h>
#include <unistd.h>

/* Only process 1 of a machine may power off; a container runs on the host's kernel. */
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
        /* Without ACPI the kernel cannot power off. QEMU ends at a restart, which it is not allowed to do. */
        reboot(RB_AUTOBOOT);
    }
    _exit(1);
}
