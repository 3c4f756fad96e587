/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/program-manifest-private.h"
#include "libvirt-sandbox/builder/home/home-private.h"
#include "libvirt-sandbox/builder/root/root-mount-private.h"
#include "libvirt-sandbox/builder/home/run-links-private.h"
#include "libvirt-sandbox/builder/home/secrets-private.h"
#include "libvirt-sandbox/config/home-private.h"
#include "libvirt-sandbox/config/program/interactive.h"
#include "libvirt-sandbox/config/mounts/mount-guest-bind.h"
#include "libvirt-sandbox/config/mounts/mount-ram.h"
#include "libvirt-sandbox/config/program/service.h"
#include "libvirt-sandbox/util/moment-private.h"

void
gvir_sandbox_manifest_append_start(struct guest_manifest_text *text, GVirSandboxConfig *config, const gchar *driver)
{
    const gchar *hostname = gvir_sandbox_config_get_hostname(config);

    guest_manifest_append(text, GUEST_WORD_MANIFEST, GUEST_MANIFEST_VERSION, NULL);
    guest_manifest_append(text, GUEST_WORD_DRIVER, driver, NULL);
    if (gvir_sandbox_config_get_debug(config))
        guest_manifest_append(text, GUEST_WORD_DEBUG, NULL);
    if (gvir_sandbox_moments_are_wanted())
        guest_manifest_append(text, GUEST_WORD_MOMENTS, NULL);
    guest_manifest_append(text, GUEST_WORD_HOSTNAME, hostname ? hostname : gvir_sandbox_config_get_name(config), NULL);
}

void
gvir_sandbox_manifest_append_overlay(struct guest_manifest_text *text, GVirSandboxConfig *config, const gchar *place)
{
    const gchar *changes = gvir_sandbox_config_get_changes(config);

    if (!gvir_sandbox_config_get_overlay(config))
        return;
    guest_manifest_append(text, GUEST_WORD_OVERLAY, place, NULL);
    if (changes)
        guest_manifest_append(text, GUEST_WORD_CHANGES, g_str_equal(changes, "-") ? "list" : "tar", NULL);
}

static void
append_hidden(struct guest_manifest_text *text, GVirSandboxConfig *config)
{
    g_auto(GStrv) hidden = gvir_sandbox_secrets_add_to_hidden(config);

    for (gsize i = 0; hidden[i]; i++)
        guest_manifest_append(text, GUEST_WORD_HIDE, hidden[i], NULL);
}

/* What is wrong with one the program finds out, as it would on the host. */
static void
append_links(struct guest_manifest_text *text, GVirSandboxConfig *config)
{
    g_autofree gchar *root = gvir_sandbox_root_dup_directory(config);
    g_autoptr(GPtrArray) links = root ? gvir_sandbox_run_links_find(root) : NULL;

    for (guint i = 0; links && i < links->len; i++) {
        const GVirSandboxRunLink *link = g_ptr_array_index(links, i);

        guest_manifest_append(text, GUEST_WORD_LINK, link->name, link->target, NULL);
    }
}

static void
append_ram(struct guest_manifest_text *text, GVirSandboxConfigMount *mount, const gchar *mode)
{
    g_autofree gchar *size = g_strdup_printf(
        "%" G_GUINT64_FORMAT, gvir_sandbox_config_mount_ram_get_usage(GVIR_SANDBOX_CONFIG_MOUNT_RAM(mount)));

    guest_manifest_append(text, GUEST_WORD_MOUNT, "tmpfs", gvir_sandbox_config_mount_get_target(mount), size, "", mode,
                          NULL);
}

void
gvir_sandbox_manifest_append_guest_mounts(struct guest_manifest_text *text, GVirSandboxConfig *config)
{
    GList *mounts = gvir_sandbox_config_get_mounts(config);

    for (GList *link = mounts; link; link = link->next) {
        GVirSandboxConfigMount *mount = link->data;
        const gchar *mode = gvir_sandbox_config_mount_get_read_only(mount) ? "ro" : "rw";

        if (GVIR_SANDBOX_IS_CONFIG_MOUNT_RAM(mount))
            append_ram(text, mount, mode);
        else if (GVIR_SANDBOX_IS_CONFIG_MOUNT_GUEST_BIND(mount))
            guest_manifest_append(text, GUEST_WORD_MOUNT, "guest-bind", gvir_sandbox_config_mount_get_target(mount),
                                  gvir_sandbox_config_mount_file_get_source(GVIR_SANDBOX_CONFIG_MOUNT_FILE(mount)), "",
                                  mode, NULL);
    }
    g_list_free_full(mounts, g_object_unref);
}

static void
append_identity(struct guest_manifest_text *text, GVirSandboxConfig *config)
{
    g_autofree gchar *uid = g_strdup_printf("%u", gvir_sandbox_config_get_userid(config));
    g_autofree gchar *gid = g_strdup_printf("%u", gvir_sandbox_config_get_groupid(config));
    const gchar *username = gvir_sandbox_config_get_username(config);
    g_autofree gchar *homedir = gvir_sandbox_config_dup_home(config);

    guest_manifest_append(text, GUEST_WORD_UID, uid, NULL);
    guest_manifest_append(text, GUEST_WORD_GID, gid, NULL);
    if (username)
        guest_manifest_append(text, GUEST_WORD_USER, username, NULL);
    guest_manifest_append(text, GUEST_WORD_HOME, homedir, NULL);
    if (gvir_sandbox_config_get_privileged(config))
        guest_manifest_append(text, GUEST_WORD_PRIVILEGED, NULL);
}

/* How the caller likes to be spoken to, and what his terminal is. The names of languages mean something only where they
 * are installed: in the host's own root. */
static const gchar *const of_caller[] = { "TZ" };
static const gchar *const of_terminal[] = { "TERM", "COLORTERM" };
static const gchar *const of_language[] = {
    "LANG",     "LANGUAGE",          "LC_ADDRESS",     "LC_ALL",       "LC_COLLATE",
    "LC_CTYPE", "LC_IDENTIFICATION", "LC_MEASUREMENT", "LC_MESSAGES",  "LC_MONETARY",
    "LC_NAME",  "LC_NUMERIC",        "LC_PAPER",       "LC_TELEPHONE", "LC_TIME",
};

static void
append_inherited(struct guest_manifest_text *text, GHashTable *envs, const gchar *const *names, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        const gchar *value = g_getenv(names[i]);

        if (value && !g_hash_table_contains(envs, names[i]))
            guest_manifest_append(text, GUEST_WORD_ENV, names[i], value, NULL);
    }
}

static void
append_all_inherited(struct guest_manifest_text *text, GVirSandboxConfig *config, GHashTable *envs, gboolean tty)
{
    g_autofree gchar *root = gvir_sandbox_root_dup_directory(config);

    if (!GVIR_SANDBOX_IS_CONFIG_INTERACTIVE(config))
        return;
    append_inherited(text, envs, of_caller, G_N_ELEMENTS(of_caller));
    if (tty)
        append_inherited(text, envs, of_terminal, G_N_ELEMENTS(of_terminal));
    if (root && gvir_sandbox_root_is_target(root))
        append_inherited(text, envs, of_language, G_N_ELEMENTS(of_language));
}

static void
append_environment(struct guest_manifest_text *text, GVirSandboxConfig *config, gboolean tty)
{
    GHashTable *envs = gvir_sandbox_config_get_envs(config);
    g_autoptr(GList) keys = g_list_sort(g_hash_table_get_keys(envs), (GCompareFunc)g_strcmp0);

    append_all_inherited(text, config, envs, tty);
    for (GList *link = keys; link; link = link->next)
        guest_manifest_append(text, GUEST_WORD_ENV, link->data, g_hash_table_lookup(envs, link->data), NULL);
    g_hash_table_unref(envs);
}

static void
append_terminal(struct guest_manifest_text *text, GVirSandboxConfigInteractive *config)
{
    gboolean input, output, errors;
    g_autofree gchar *streams = NULL;

    gvir_sandbox_config_interactive_get_tty_streams(config, &input, &output, &errors);
    streams = g_strconcat(input ? "0" : "", output ? "1" : "", errors ? "2" : "", NULL);
    guest_manifest_append(text, GUEST_WORD_TTY, streams, NULL);
}

void
gvir_sandbox_manifest_append_program(struct guest_manifest_text *text, GVirSandboxConfig *config, const gchar *shell)
{
    g_auto(GStrv) command = gvir_sandbox_config_get_command(config);
    const gchar *workdir = gvir_sandbox_config_get_workdir(config);
    gboolean tty = GVIR_SANDBOX_IS_CONFIG_INTERACTIVE(config) &&
                   gvir_sandbox_config_interactive_get_tty(GVIR_SANDBOX_CONFIG_INTERACTIVE(config));

    append_hidden(text, config);
    append_links(text, config);
    gvir_sandbox_home_append_manifest(text, config);
    append_identity(text, config);
    append_environment(text, config, tty);
    if (workdir)
        guest_manifest_append(text, GUEST_WORD_WORKDIR, workdir, NULL);
    if (gvir_sandbox_config_get_workdir_optional(config))
        guest_manifest_append(text, GUEST_WORD_WORKDIR_OPTIONAL, NULL);
    if (tty)
        append_terminal(text, GVIR_SANDBOX_CONFIG_INTERACTIVE(config));
    if (GVIR_SANDBOX_IS_CONFIG_SERVICE(config))
        guest_manifest_append(text, GUEST_WORD_SERVICE, NULL);
    if (shell)
        guest_manifest_append(text, GUEST_WORD_SHELL, shell, NULL);
    for (gsize i = 0; command && command[i]; i++)
        guest_manifest_append(text, GUEST_WORD_ARG, command[i], NULL);
    guest_manifest_append(text, GUEST_WORD_END, NULL);
}
