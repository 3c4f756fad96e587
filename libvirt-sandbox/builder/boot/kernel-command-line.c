/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/kernel-command-line-private.h"

/*
 * Initcalls that a sandbox has no use for and that cost tens of milliseconds each under emulation: tracing,
 * probes, certificates, swap compression, hibernation. Names belong to a version of the kernel; those that
 * it does not know it ignores. Nothing here takes hardening away.
 */
static const gchar *const needless_initcalls[] = {
    "tracer_init_tracefs",
    "init_kprobe_trace",
    "init_uprobe_trace",
    "event_trace_init",
    "tracing_set_default_clock",
    "init_events",
    "init_trace_printk",
    "init_kprobes",
    "bpf_event_init",
    "btf_module_init",
    "zswap_init",
    "pm_disk_init",
    "snapshot_device_init",
    "init_ima",
    "init_evm",
    "load_system_certificate_list",
    "blacklist_init",
    "ikconfig_init",
    "hpet_init",
    "acpi_pad_init",
    "intel_idle_init",
    "edac_init",
    "mce_core_init",
    NULL,
};

static const gchar *
console_device(const gchar *arch)
{
    return g_str_equal(arch, "aarch64") ? "ttyAMA0" : "ttyS0";
}

gchar *
gvir_sandbox_kernel_command_line(const gchar *arch, guint processors, gboolean debug, gboolean emulated)
{
    GString *line = g_string_new(NULL);

    g_string_append_printf(line, "console=%s panic=-1", console_device(arch));
    g_string_append(line, debug ? " loglevel=7" : " quiet loglevel=1");
    /* Nothing here is tested, searched or waited for that a virtual machine does not have. */
    g_string_append(line, " cryptomgr.notests no_timer_check noreplace-smp pci=lastbus=0"
                          " 8250.nr_uarts=1 i8042.nopnp i8042.noaux");
    if (emulated)
        g_string_append(line, " tsc=reliable");
    /* The kernel waits for 0.1 s to learn how fast the timer of its only processor is; another one is as good. */
    if (emulated && processors == 1 && g_str_equal(arch, "x86_64"))
        g_string_append(line, " nolapic_timer");
    if (!debug) {
        g_autofree gchar *initcalls = g_strjoinv(",", (GStrv)needless_initcalls);

        g_string_append_printf(line, " initcall_blacklist=%s", initcalls);
    }
    return g_string_free(line, FALSE);
}
