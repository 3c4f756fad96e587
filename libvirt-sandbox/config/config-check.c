/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/config/mounts/mount-private.h"
#include "libvirt-sandbox/config/network/network-private.h"
#include "libvirt-sandbox/config/settings-private.h"
#include "libvirt-sandbox/config/storage/disk-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

#include <limits.h>
#include <string.h>

/* What can be known wrong in a description without looking at the host. */

#define MEMORY_LEAST (G_GUINT64_CONSTANT(1) << 20)
/* libvirt counts in KiB, in a signed number of 64 bits. */
#define MEMORY_MOST (G_GUINT64_CONSTANT(1) << 60)
/* No machine of QEMU's has more. */
#define CPUS_MOST 4096
/* 32 years, which as microseconds are far from the end of a clock. */
#define TIMEOUT_MOST G_GUINT64_CONSTANT(1000000000000)

static gboolean
check_uuid(const gchar *uuid, GError **error)
{
    g_autofree gchar *shown = NULL;

    if (!uuid || g_uuid_string_is_valid(uuid))
        return TRUE;
    shown = gvir_sandbox_text_show(uuid);
    return gvir_sandbox_text_invalid(error, _("uuid: \"%s\" is no UUID"), shown);
}

/*
 * A sandbox's name is that of its domain, so text that XML can have; of its host, which has at most 64 bytes; and
 * of its files. Among these are files of ours, which begin with a dot, and locks.
 */
static gboolean
check_name(const gchar *name, GError **error)
{
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

gboolean
gvir_sandbox_config_check_memory(guint64 memory, GError **error)
{
    if (memory == 0 || (memory >= MEMORY_LEAST && memory <= MEMORY_MOST))
        return TRUE;
    return gvir_sandbox_text_invalid(
        error, _("memory: %" G_GUINT64_FORMAT " bytes: must be 1 MiB at least and 1 EiB at most"), memory);
}

static gboolean
check_processors(GVirSandboxConfigPrivate *priv, GError **error)
{
    if (priv->cpus > CPUS_MOST)
        return gvir_sandbox_text_invalid(error, _("cpus: %u is more than %d"), priv->cpus, CPUS_MOST);
    if (!gvir_sandbox_value_from_enum(GVIR_SANDBOX_TYPE_CONFIG_VIRT_TYPE, (gint)priv->virt_type))
        return gvir_sandbox_text_invalid(error, _("virtType: %d is none of auto, kvm, qemu"), (gint)priv->virt_type);
    return TRUE;
}

static gboolean
check_timeout(guint64 timeout, GError **error)
{
    if (timeout <= TIMEOUT_MOST)
        return TRUE;
    return gvir_sandbox_text_invalid(
        error, _("timeout: %" G_GUINT64_FORMAT " is more than %" G_GUINT64_FORMAT " milliseconds"), timeout,
        TIMEOUT_MOST);
}

gboolean
gvir_sandbox_config_check_core(GVirSandboxConfig *config, GError **error)
{
    GVirSandboxConfigPrivate *priv = gvir_sandbox_config_get_private(config);

    return check_name(priv->name, error) && check_uuid(priv->uuid, error) &&
           gvir_sandbox_value_check_path("root", priv->root, error) &&
           gvir_sandbox_value_check_file_name("arch", priv->arch, error) &&
           (!priv->kernrelease || gvir_sandbox_value_check_file_name("kernrelease", priv->kernrelease, error)) &&
           (!priv->kernpath || gvir_sandbox_value_check_path("kernpath", priv->kernpath, error)) &&
           (!priv->kmodpath || gvir_sandbox_value_check_path("kmodpath", priv->kmodpath, error)) &&
           gvir_sandbox_config_check_memory(priv->memory, error) && check_processors(priv, error) &&
           check_timeout(priv->timeout, error) &&
           (!priv->workdir || gvir_sandbox_value_check_guest_path("workdir", priv->workdir, error)) &&
           gvir_sandbox_config_check_overlay(priv, error) && gvir_sandbox_config_check_hidden(priv, error) &&
           gvir_sandbox_config_check_home(priv, error);
}

/* What the system calls take as "no change" is nobody's id. */
static gboolean
check_id(const gchar *what, guint id, GError **error)
{
    if (id != G_MAXUINT32)
        return TRUE;
    return gvir_sandbox_text_invalid(error, _("%s: %u is nobody's"), what, id);
}

gboolean
gvir_sandbox_config_check_identity(GVirSandboxConfig *config, GError **error)
{
    GVirSandboxConfigPrivate *priv = gvir_sandbox_config_get_private(config);

    return check_id("uid", priv->uid, error) && check_id("gid", priv->gid, error) &&
           gvir_sandbox_value_check_file_name("username", priv->username, error) &&
           gvir_sandbox_value_check_guest_path("homedir", priv->homedir, error);
}

gboolean
gvir_sandbox_config_check_env(const gchar *key, GError **error)
{
    g_autofree gchar *shown = NULL;

    if (*key && !strchr(key, '='))
        return TRUE;
    shown = gvir_sandbox_text_show(key);
    return gvir_sandbox_text_invalid(error, _("\"%s\" is no name of a variable"), shown);
}

static gboolean
refuse_target(const gchar *target, GError **error)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(target);

    return gvir_sandbox_text_invalid(error, _("target: there is a mount on %s already"), shown);
}

static gboolean
refuse_tag(const gchar *tag, GError **error)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(tag);

    return gvir_sandbox_text_invalid(error, _("tag: there is a disk %s already"), shown);
}

gboolean
gvir_sandbox_config_check_new_target(GVirSandboxConfig *config, const gchar *target, GError **error)
{
    g_autofree gchar *canonical = gvir_sandbox_value_canonical_path(target);

    return !g_hash_table_contains(gvir_sandbox_config_get_private(config)->targets, canonical) ||
           refuse_target(canonical, error);
}

gboolean
gvir_sandbox_config_check_new_tag(GVirSandboxConfig *config, const gchar *tag, GError **error)
{
    return !g_hash_table_contains(gvir_sandbox_config_get_private(config)->tags, tag) || refuse_tag(tag, error);
}

/* SEEN are the targets of the mounts before this one. */
static gboolean
check_mount(GVirSandboxConfigMount *mount, GHashTable *seen, GError **error)
{
    g_autofree gchar *canonical = NULL;

    if (!gvir_sandbox_config_mount_check(mount, error))
        return FALSE;
    canonical = gvir_sandbox_value_canonical_path(gvir_sandbox_config_mount_get_target(mount));
    if (g_hash_table_contains(seen, canonical))
        return refuse_target(canonical, error);
    g_hash_table_add(seen, g_steal_pointer(&canonical));
    return TRUE;
}

static gboolean
check_mounts(GVirSandboxConfig *config, GError **error)
{
    GPtrArray *mounts = gvir_sandbox_config_get_private(config)->mounts;
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < mounts->len; i++) {
        if (!check_mount(mounts->pdata[i], seen, error)) {
            g_autofree gchar *shown = gvir_sandbox_text_show(gvir_sandbox_config_mount_get_target(mounts->pdata[i]));

            return gvir_sandbox_error_prefix(error, _("mount %s"), shown);
        }
    }
    return TRUE;
}

static gboolean
check_disks(GVirSandboxConfig *config, GError **error)
{
    GPtrArray *disks = gvir_sandbox_config_get_private(config)->disks;
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < disks->len; i++) {
        const gchar *tag = gvir_sandbox_config_disk_get_tag(disks->pdata[i]);

        if (!gvir_sandbox_config_disk_check(disks->pdata[i], error) ||
            (!g_hash_table_add(seen, (gpointer)tag) && !refuse_tag(tag, error))) {
            g_autofree gchar *shown = gvir_sandbox_text_show(tag);

            return gvir_sandbox_error_prefix(error, _("disk %s"), shown);
        }
    }
    return TRUE;
}

static gboolean
check_networks_and_envs(GVirSandboxConfigPrivate *priv, GError **error)
{
    for (guint i = 0; i < priv->networks->len; i++) {
        if (!gvir_sandbox_config_network_check(priv->networks->pdata[i], error))
            return gvir_sandbox_error_prefix(error, _("network %u"), i);
    }
    for (guint i = 0; i < gvir_sandbox_string_map_get_size(priv->envs); i++) {
        const gchar *value;

        if (!gvir_sandbox_config_check_env(gvir_sandbox_string_map_get(priv->envs, i, &value), error))
            return gvir_sandbox_error_prefix(error, _("environment"));
    }
    return TRUE;
}

gboolean
gvir_sandbox_config_real_check(GVirSandboxConfig *config, GError **error)
{
    return gvir_sandbox_config_check_core(config, error) && gvir_sandbox_config_check_identity(config, error) &&
           check_mounts(config, error) && check_disks(config, error) &&
           check_networks_and_envs(gvir_sandbox_config_get_private(config), error);
}

gboolean
gvir_sandbox_config_check(GVirSandboxConfig *config, GError **error)
{
    return GVIR_SANDBOX_CONFIG_GET_CLASS(config)->check(config, error);
}
