/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/setting-check-private.h"

#include "libvirt-sandbox/util/text-private.h"
#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/config/virt-type.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <limits.h>
#include <string.h>

#define MEMORY_LEAST (G_GUINT64_CONSTANT(1) << 20)
/* libvirt counts in KiB, in a signed number of 64 bits. */
#define MEMORY_MOST (G_GUINT64_CONSTANT(1) << 60)
/* No machine of QEMU has more. */
#define CPUS_MOST 4096
/* Of a part of a host name. */
#define LABEL_MOST 63
/* 32 years, which as microseconds are far from the end of a clock. */
#define TIMEOUT_MOST G_GUINT64_CONSTANT(1000000000000)

/*
 * A sandbox's name is that of its domain, so text that XML can have; of its host, which has at most 64 bytes; and
 * of its files. Among these are files of ours, which begin with a dot, and locks.
 */
gboolean
gvir_sandbox_setting_check_name(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field,
                                GError **error)
{
    const gchar *name = fields->name;
    g_autofree gchar *shown = NULL;

    if (!gvir_sandbox_value_check_file_name("name", name, error))
        return FALSE;
    shown = gvir_sandbox_text_show(name);
    if (!g_utf8_validate(name, -1, NULL))
        return gvir_sandbox_text_invalid(error, _("name: \"%s\" is not UTF-8 text"), shown);
    if (strlen(name) > HOST_NAME_MAX)
        return gvir_sandbox_text_invalid(error, _("name: \"%s\" is longer than %d bytes"), shown, HOST_NAME_MAX);
    if (*name == '.' || g_str_has_suffix(name, ".lock"))
        return gvir_sandbox_text_invalid(error, _("name: \"%s\" must neither begin with a dot nor end in \".lock\""),
                                         shown);
    return TRUE;
}

/* As RFC 1123 has it; what a label can have is what others can look up. */
static gboolean
is_label(const gchar *label)
{
    gsize length = strlen(label);

    if (length == 0 || length > LABEL_MOST || *label == '-' || label[length - 1] == '-')
        return FALSE;
    return strspn(label, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-") == length;
}

gboolean
gvir_sandbox_setting_check_hostname(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field,
                                    GError **error)
{
    g_auto(GStrv) labels = NULL;
    g_autofree gchar *shown = NULL;

    if (!fields->hostname)
        return TRUE;
    shown = gvir_sandbox_text_show(fields->hostname);
    if (strnlen(fields->hostname, HOST_NAME_MAX + 1) > HOST_NAME_MAX)
        return gvir_sandbox_text_invalid(error, _("hostname: \"%s\" is longer than %d bytes"), shown, HOST_NAME_MAX);
    labels = g_strsplit(fields->hostname, ".", -1);
    for (gsize i = 0; i == 0 || labels[i]; i++) {
        if (!labels[i] || !is_label(labels[i]))
            return gvir_sandbox_text_invalid(
                error,
                _("hostname: \"%s\" is not a host name: words of letters, digits and inner hyphens, with dots between"),
                shown);
    }
    return TRUE;
}

gboolean
gvir_sandbox_setting_check_uuid(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field,
                                GError **error)
{
    g_autofree gchar *shown = NULL;

    if (!fields->uuid || g_uuid_string_is_valid(fields->uuid))
        return TRUE;
    shown = gvir_sandbox_text_show(fields->uuid);
    return gvir_sandbox_text_invalid(error, _("uuid: \"%s\" is no UUID"), shown);
}

gboolean
gvir_sandbox_setting_check_path(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field,
                                GError **error)
{
    return gvir_sandbox_value_check_path(key, *(gchar *const *)field, error);
}

gboolean
gvir_sandbox_setting_check_optional_path(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field,
                                         GError **error)
{
    return !*(gchar *const *)field || gvir_sandbox_setting_check_path(fields, key, field, error);
}

gboolean
gvir_sandbox_setting_check_guest_path(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field,
                                      GError **error)
{
    return gvir_sandbox_value_check_guest_path(key, *(gchar *const *)field, error);
}

gboolean
gvir_sandbox_setting_check_optional_guest_path(const GVirSandboxConfigPrivate *fields, const gchar *key,
                                               gconstpointer field, GError **error)
{
    return !*(gchar *const *)field || gvir_sandbox_setting_check_guest_path(fields, key, field, error);
}

gboolean
gvir_sandbox_setting_check_file_name(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field,
                                     GError **error)
{
    return gvir_sandbox_value_check_file_name(key, *(gchar *const *)field, error);
}

gboolean
gvir_sandbox_setting_check_optional_file_name(const GVirSandboxConfigPrivate *fields, const gchar *key,
                                              gconstpointer field, GError **error)
{
    return !*(gchar *const *)field || gvir_sandbox_setting_check_file_name(fields, key, field, error);
}

gboolean
gvir_sandbox_setting_check_bytes(guint64 memory, GError **error)
{
    if (memory == 0 || (memory >= MEMORY_LEAST && memory <= MEMORY_MOST))
        return TRUE;
    return gvir_sandbox_text_invalid(
        error, _("memory: %" G_GUINT64_FORMAT " bytes: must be 1 MiB at least and 1 EiB at most"), memory);
}

gboolean
gvir_sandbox_setting_check_memory(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field,
                                  GError **error)
{
    return gvir_sandbox_setting_check_bytes(fields->memory, error);
}

gboolean
gvir_sandbox_setting_check_cpus(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field,
                                GError **error)
{
    return fields->cpus <= CPUS_MOST ||
           gvir_sandbox_text_invalid(error, _("cpus: %u is more than %d"), fields->cpus, CPUS_MOST);
}

gboolean
gvir_sandbox_setting_check_virt_type(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field,
                                     GError **error)
{
    return gvir_sandbox_value_from_enum(GVIR_SANDBOX_TYPE_CONFIG_VIRT_TYPE, fields->virt_type) ||
           gvir_sandbox_text_invalid(error, _("virtType: %d is none of auto, kvm, qemu"), fields->virt_type);
}

gboolean
gvir_sandbox_setting_check_timeout(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field,
                                   GError **error)
{
    if (fields->timeout <= TIMEOUT_MOST)
        return TRUE;
    return gvir_sandbox_text_invalid(
        error, _("timeout: %" G_GUINT64_FORMAT " is more than %" G_GUINT64_FORMAT " milliseconds"), fields->timeout,
        TIMEOUT_MOST);
}

gboolean
gvir_sandbox_setting_check_overlay_dir(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field,
                                       GError **error)
{
    if (!gvir_sandbox_setting_check_optional_path(fields, key, field, error))
        return FALSE;
    return !fields->overlay_dir || fields->overlay ||
           gvir_sandbox_text_invalid(error, _("overlayDir: there is no overlay"));
}

gboolean
gvir_sandbox_setting_check_changes(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field,
                                   GError **error)
{
    if (!fields->changes)
        return TRUE;
    if (!fields->overlay)
        return gvir_sandbox_text_invalid(error, _("changes: without an overlay nothing can change; use --overlay"));
    return g_str_equal(fields->changes, "-") || gvir_sandbox_setting_check_path(fields, key, field, error);
}

gboolean
gvir_sandbox_setting_check_hidden_path(const gchar *path, GError **error)
{
    g_autofree gchar *canonical = NULL;

    if (!gvir_sandbox_value_check_guest_path("hide", path, error))
        return FALSE;
    canonical = gvir_sandbox_value_canonical_path(path);
    return !g_str_equal(canonical, "/") ||
           gvir_sandbox_text_invalid(error, _("hide: / is all that there is; name what is in it"));
}

gboolean
gvir_sandbox_setting_check_hidden(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field,
                                  GError **error)
{
    for (guint i = 0; i < fields->hidden->len; i++) {
        if (!gvir_sandbox_setting_check_hidden_path(fields->hidden->pdata[i], error))
            return FALSE;
    }
    return TRUE;
}

gboolean
gvir_sandbox_setting_check_home_size(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field,
                                     GError **error)
{
    return !fields->home_size || fields->private_home ||
           gvir_sandbox_text_invalid(error, _("homeSize: there is no private home"));
}

/* The system calls take this number as "no change". */
gboolean
gvir_sandbox_setting_check_id(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field,
                              GError **error)
{
    guint id = *(const guint *)field;

    return id != G_MAXUINT32 || gvir_sandbox_text_invalid(error, _("%s: %u is nobody's"), key, id);
}
