/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/qemu/qemu-reason-private.h"

/* The one line that people are told of all that QEMU prints when it does not start. */

#define CONNECTING "internal error: process exited while connecting to monitor: "
#define CLOSED "internal error: qemu unexpectedly closed the monitor: "
#define TIME "2026-11-27T12:00:00.123456Z "
#define PROGRAM "qemu-system-x86_64: "
#define OPTION "-fsdev local,security_model=none,multidevs=remap,readonly=on,id=fsdev-fs1,path=/root: "
#define WARNING "warning: short-form boolean option 'readonly' deprecated\n"

static void
test_reasons(void)
{
    static const struct {
        const gchar *message, *reason;
    } cases[] = {
        { CONNECTING TIME PROGRAM OPTION WARNING TIME PROGRAM OPTION
          "cannot initialize fsdev 'fsdev-fs1': failed to open '/root': Permission denied",
          "cannot initialize fsdev 'fsdev-fs1': failed to open '/root': Permission denied" },
        { CLOSED TIME PROGRAM OPTION WARNING TIME PROGRAM
          "cannot set up guest memory 'pc.ram': Cannot allocate memory\n",
          "this host does not give a machine so much memory; ask for less "
          "(cannot set up guest memory 'pc.ram': Cannot allocate memory)" },
        { CONNECTING TIME PROGRAM "-blockdev {\"driver\":\"qcow2\",\"file\":\"a\"}: Image is not in qcow2 format",
          "Image is not in qcow2 format" },
        { CONNECTING TIME PROGRAM
          "-device virtio-blk-pci: Failed to get \"write\" lock\nIs another process using it?\n",
          "an image is in use by another machine "
          "(Failed to get \"write\" lock Is another process using it?)" },
        { CONNECTING "/usr/libexec/qemu-kvm: the reason", "the reason" },
        /* A warning after the reason is none, nor is one that is all there is. */
        { CONNECTING PROGRAM "the reason\n" PROGRAM WARNING, "the reason" },
        { CONNECTING PROGRAM WARNING, NULL },
        { "internal error: no emulator found", NULL },
        { "operation failed: domain 'qemu-x' exists already", NULL },
        { CONNECTING PROGRAM, NULL },
        { "", NULL },
        { "qemu-", NULL },
        { "\nqemu-: \n", NULL },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree gchar *reason = gvir_sandbox_qemu_reason(cases[i].message);

        g_test_message("%s", cases[i].message);
        g_assert_cmpstr(reason, ==, cases[i].reason);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qemu-reason/reasons", test_reasons);
    return g_test_run();
}
