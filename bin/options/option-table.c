/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/options/option-table.h"

#include "bin/messages/message.h"
#include "bin/options/option-words.h"
#include "bin/options/time-span.h"
#include "bin/options/user-lookup.h"
#include "bin/working-directory.h"

#include <glib/gi18n.h>
#include <math.h>

#define CPUS_MAX 4096

static gboolean
fail(GError **error, const gchar *option, const gchar *value, const gchar *why)
{
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, "%s %s: %s", option, value, why);
    return FALSE;
}

static gboolean
fail_empty(GError **error, const gchar *option, const gchar *why)
{
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, "%s=: %s", option, why);
    return FALSE;
}

/* --- what is more than a copy ---------------------------------------------------------------- */

static gboolean
set_name(GVirSandboxConfig *config, const gchar *value, GError **error G_GNUC_UNUSED)
{
    gvir_sandbox_config_set_name(config, value);
    return TRUE;
}

/* "--overlay" keeps what is written in memory, "--overlay=DIR" in a directory of the host. */
static gboolean
set_overlay(GVirSandboxConfig *config, const gchar *value, GError **error)
{
    g_autofree gchar *directory = value ? g_canonicalize_filename(value, NULL) : NULL;

    if (value && !*value)
        return fail_empty(error, "overlay", _("no directory"));
    gvir_sandbox_config_set_overlay(config, TRUE);
    gvir_sandbox_config_set_overlay_dir(config, directory);
    return TRUE;
}

static gboolean
set_changes(GVirSandboxConfig *config, const gchar *value, GError **error)
{
    g_autofree gchar *file = g_canonicalize_filename(value, NULL);

    if (!*value || g_str_has_suffix(value, "/"))
        return fail(error, "changes", value, _("not the name of a file"));
    gvir_sandbox_config_set_changes(config, g_str_equal(value, "-") ? "-" : file);
    return TRUE;
}

/* A path in the sandbox, where the caller's directory is in the same place. */
static gboolean
add_hidden(GVirSandboxConfig *config, const gchar *value, GError **error)
{
    g_autofree gchar *path = *value ? working_directory_make_absolute(value) : g_strdup("");

    return gvir_sandbox_config_add_hidden(config, path, error);
}

static gboolean
add_include(GVirSandboxConfig *config, const gchar *value, GError **error)
{
    gchar *includes[] = { (gchar *)value, NULL };

    return gvir_sandbox_config_add_host_include_strv(config, includes, error);
}

/* What single variables say counts more than what the files say, wherever it stands. */
static gboolean
apply_environment(GVirSandboxConfig *config, const Options *options, GError **error)
{
    return gvir_sandbox_config_add_env_strv(config, options->environment, error);
}

/* One that was asked for. */
static gboolean
set_working_directory(GVirSandboxConfig *config, const gchar *value, GError **error G_GNUC_UNUSED)
{
    gvir_sandbox_config_set_workdir(config, value);
    gvir_sandbox_config_set_workdir_optional(config, FALSE);
    return TRUE;
}

/* The program starts where we are if that is in a directory that is shared, else in the first of these. */
static gboolean
apply_shares(GVirSandboxConfig *config, const Options *options, GError **error)
{
    g_autofree gchar *first = NULL;
    g_autofree gchar *here = NULL;

    if (!options->shares)
        return TRUE;
    for (gchar **share = options->shares; *share; share++) {
        g_autofree gchar *notice = NULL;
        g_autofree gchar *path = NULL;

        if (!**share)
            return fail_empty(error, "share", _("no directory"));
        path = gvir_sandbox_config_add_share(config, *share, &notice, error);
        if (!path)
            return FALSE;
        if (notice)
            message("%s", notice);
        if (!first)
            first = g_steal_pointer(&path);
    }
    if (options->directory)
        return TRUE;
    here = working_directory_find_shared(config);
    return set_working_directory(config, here ? here : first, error);
}

/* Two on one target are a slip of who types them; a program or a file may mean it. */
static gboolean
add_mount(GVirSandboxConfig *config, const gchar *text, GError **error)
{
    g_autoptr(GVirSandboxConfig) scratch = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new(NULL));
    g_autoptr(GVirSandboxConfigMount) there = NULL;
    GList *mounts;

    if (!gvir_sandbox_config_add_mount_opts(scratch, text, error))
        return FALSE;
    mounts = gvir_sandbox_config_get_mounts(scratch);
    there = gvir_sandbox_config_find_mount(config, gvir_sandbox_config_mount_get_target(mounts->data));
    if (!there)
        gvir_sandbox_config_add_mount(config, mounts->data);
    g_list_free_full(mounts, g_object_unref);
    if (!there)
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                _("mount %s: target: there is a mount on %s already"), text,
                gvir_sandbox_config_mount_get_target(there));
    return FALSE;
}

static gboolean
set_root_user(GVirSandboxConfig *config, const gchar *value G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    gvir_sandbox_config_set_userid(config, 0);
    gvir_sandbox_config_set_groupid(config, 0);
    gvir_sandbox_config_set_username(config, "root");
    gvir_sandbox_config_set_homedir(config, "/root");
    gvir_sandbox_config_set_privileged(config, TRUE);
    return TRUE;
}

static gboolean
set_cpus(GVirSandboxConfig *config, const gchar *value, GError **error)
{
    guint64 cpus;

    if (!g_ascii_string_to_unsigned(value, 10, 1, CPUS_MAX, &cpus, NULL))
        return fail(error, "cpus", value, _("not a number from 1 to 4096"));
    gvir_sandbox_config_set_cpus(config, cpus);
    return TRUE;
}

static gboolean
set_timeout(GVirSandboxConfig *config, const gchar *value, GError **error)
{
    gdouble seconds;

    if (!time_span_parse(value, &seconds) || seconds <= 0)
        return fail(error, "timeout", value, _("not a time above 0, as 90 (seconds), 200ms, 5m or \"1h 30min\""));
    gvir_sandbox_config_set_timeout(config, (guint64)ceil(seconds * 1000));
    return TRUE;
}

static gboolean
set_no_tty(GVirSandboxConfig *config, const gchar *value G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    gvir_sandbox_config_interactive_set_tty(GVIR_SANDBOX_CONFIG_INTERACTIVE(config), FALSE);
    return TRUE;
}

static gboolean
set_virt_type(GVirSandboxConfig *config, const gchar *value, GError **error)
{
    g_autoptr(GEnumClass) types = g_type_class_ref(GVIR_SANDBOX_TYPE_CONFIG_VIRT_TYPE);
    const GEnumValue *type = g_enum_get_value_by_nick(types, value);

    if (!type)
        return fail(error, "virt-type", value, _("not one of auto, kvm and qemu"));
    gvir_sandbox_config_set_virt_type(config, type->value);
    return TRUE;
}

/* --- the table ------------------------------------------------------------------------------- */

#define FIELD(field) G_STRUCT_OFFSET(Options, field)
/* Nothing is kept of it that anybody reads. */
#define IGNORED FIELD(ignored)

#define RUN OPTION_STEP_NEVER, NULL, NULL, NULL
#define COPY(property) OPTION_STEP_BASE, property, NULL, NULL
#define PARSE(property, parse) OPTION_STEP_BASE, property, parse, NULL

const Option option_table[] = {
    { "connect", 'c', OPTION_TEXT, FIELD(connect), N_("libvirt connection (default: the embedded QEMU driver)"), "URI",
      RUN },
    { "name", 'n', OPTION_TEXT, FIELD(name), N_("name of the sandbox (default: a random one)"), "NAME",
      PARSE("name", set_name) },
    { "hostname", 0, OPTION_TEXT, FIELD(hostname), N_("host name of the sandbox (default: its name)"), "NAME",
      COPY("hostname") },
    { "root", 'r', OPTION_PATH, FIELD(root), N_("root file system, read-only (default: the host's)"), "DIR",
      COPY("root") },
    { "overlay", 0, OPTION_OPTIONAL, FIELD(overlay), N_("make the root writable; what is written is gone at the end"),
      "[DIR]", PARSE("overlay-dir", set_overlay) },
    { "changes", 0, OPTION_TEXT, FIELD(changes),
      N_("at the end, write what changed in the overlay as a tar; - lists it"), "FILE", PARSE("changes", set_changes) },
    { "hide", 0, OPTION_TEXTS, FIELD(hidden), N_("hide a directory or file from the program"), "PATH",
      PARSE(NULL, add_hidden) },
    { "hide-secrets", 0, OPTION_SWITCH, FIELD(hide_secrets),
      N_("hide the files that are known to hold keys, passwords and tokens"), NULL, COPY("hide-secrets") },
    { "home", 0, OPTION_OPTIONAL, FIELD(home), N_("give the program a private home directory in memory"), "[SIZE]",
      OPTION_STEP_HOME, "home-size", gvir_sandbox_config_set_home_opts, NULL },
    { "disk", 0, OPTION_TEXTS, FIELD(disks), N_("block device /dev/disk/by-tag/TAG"), "TYPE:TAG=SOURCE[,format=FORMAT]",
      PARSE(NULL, gvir_sandbox_config_add_disk_opts) },
    { "mount", 'm', OPTION_TEXTS, FIELD(mounts), N_("host-bind, host-image, guest-bind or ram mount"),
      "TYPE:DST=SRC[,OPT...]", PARSE(NULL, add_mount) },
    { "share", 0, OPTION_OPTIONAL_TEXTS, FIELD(shares),
      N_("share a directory, writable at its own path, and start there (default: this one)"), "[DIR]",
      OPTION_STEP_SHARE, NULL, NULL, apply_shares },
    { "include", 'i', OPTION_TEXTS, FIELD(includes), N_("copy a file of the host into the mount that covers it"),
      "[GUEST=]HOST", OPTION_STEP_HOME, NULL, add_include, NULL },
    { "includefile", 'I', OPTION_TEXT, FIELD(include_file), N_("as --include, for each line of a file"), "FILE",
      OPTION_STEP_HOME, NULL, gvir_sandbox_config_add_host_include_file, NULL },
    { "env", 'e', OPTION_TEXTS, FIELD(environment), N_("environment variable; KEY alone passes ours on"), "KEY[=VALUE]",
      OPTION_STEP_USER, NULL, NULL, apply_environment },
    { "env-file", 0, OPTION_TEXTS, FIELD(environment_files), N_("as --env, for each line of a file"), "FILE",
      PARSE(NULL, gvir_sandbox_config_add_env_file) },
    { "chdir", 'C', OPTION_PATH, FIELD(directory),
      N_("working directory (default: this one, if the sandbox has it, else the home directory)"), "DIR",
      PARSE("workdir", set_working_directory) },
    { "network", 'N', OPTION_TEXTS, FIELD(networks),
      N_("network interface: source=, dhcp, user, address= ... (default: loopback only)"), "OPTS",
      PARSE(NULL, gvir_sandbox_config_add_network_opts) },
    { "security", 's', OPTION_TEXT, FIELD(security),
      N_("security label, and whether a container has a filter of system calls"), "OPTS",
      PARSE("security-label", gvir_sandbox_config_set_security_opts) },
    { "privileged", 'p', OPTION_SWITCH, FIELD(privileged), N_("root inside, with its capabilities there"), NULL,
      OPTION_STEP_USER, "privileged", set_root_user, NULL },
    { "switchto", 'S', OPTION_TEXT, FIELD(user), N_("run as another user (default: the caller)"), "USER",
      OPTION_STEP_USER, "username", user_lookup_apply, NULL },
    { "memory", 0, OPTION_TEXT, FIELD(memory), N_("memory, as in 512M or 2GiB"), "SIZE",
      PARSE("memory", gvir_sandbox_config_set_memory_opts) },
    { "cpus", 0, OPTION_TEXT, FIELD(cpus), N_("number of CPUs"), "N", PARSE("cpus", set_cpus) },
    { "timeout", 0, OPTION_TEXT, FIELD(timeout), N_("end the program after this time, with status 124"), "TIME",
      PARSE("timeout", set_timeout) },
    { "tty", 't', OPTION_SWITCH, FIELD(tty), N_("give the program a terminal"), NULL, COPY("tty") },
    { "no-tty", 'T', OPTION_SWITCH, FIELD(no_tty), N_("give the program pipes (default: a terminal where ours is one)"),
      NULL, PARSE("tty", set_no_tty) },
    { "no-stdin", 0, OPTION_SWITCH, FIELD(no_stdin), N_("give the program an empty standard input, as </dev/null does"),
      NULL, RUN },
    { "shell", 'l', OPTION_SWITCH, FIELD(shell), N_("a shell on a second console, with the program's rights"), NULL,
      COPY("shell") },
    { "kernver", 0, OPTION_TEXT, FIELD(kernel_release), N_("release of the kernel that a machine boots"), "RELEASE",
      COPY("kernrelease") },
    { "kernpath", 0, OPTION_PATH, FIELD(kernel_path), N_("file of the kernel that a machine boots"), "FILE",
      COPY("kernpath") },
    { "kmodpath", 0, OPTION_PATH, FIELD(kernel_modules), N_("directory of the kernel's modules"), "DIR",
      COPY("kmodpath") },
    { "virt-type", 0, OPTION_TEXT, FIELD(virt_type), N_("hardware virtualization or emulation"), "auto|kvm|qemu",
      PARSE("virt-type", set_virt_type) },
    { "qemu-user", 0, OPTION_TEXT, FIELD(qemu_user), N_("user that QEMU runs as (root only)"), "USER", RUN },
    { "config", 0, OPTION_TEXT, FIELD(config_file), N_("start from a saved description"), "FILE", RUN },
    { "save", 0, OPTION_TEXT, FIELD(save_file), N_("save the description and stop"), "FILE", RUN },
    { "print-xml", 0, OPTION_SWITCH, FIELD(print_xml), N_("print the domain XML and stop"), NULL, RUN },
    { "validate", 0, OPTION_SWITCH, FIELD(validate), N_("check this host for what the sandbox needs and stop"), NULL,
      RUN },
    { "json", 0, OPTION_SWITCH, FIELD(json), N_("print what --validate finds in JSON lines"), NULL, RUN },
    { "json-status-fd", 0, OPTION_TEXT, FIELD(status_fd), N_("report the state of the sandbox in JSON lines"), "FD",
      RUN },
    { "verbose", 'v', OPTION_SWITCH, FIELD(verbose), N_("print progress messages"), NULL, COPY("verbose") },
    { "debug", 'd', OPTION_SWITCH, FIELD(debug), N_("also show the log of the kernel and of init"), NULL,
      COPY("debug") },
    { "version", 'V', OPTION_SWITCH, FIELD(version), N_("print the version and stop"), NULL, RUN },
    /* As podman calls them. */
    { "rm", 0, OPTION_SWITCH, IGNORED, NULL, NULL, RUN },
    { "user", 'u', OPTION_TEXT, FIELD(user), NULL, "USER", RUN },
    { "workdir", 'w', OPTION_TEXT, FIELD(directory), NULL, "DIR", RUN },
    { OPTION_WORDS_NO_VALUE, 0, OPTION_SWITCH, IGNORED, NULL, NULL, RUN },
    { 0 },
};

const Option *
option_table_find(const gchar *name)
{
    for (const Option *option = option_table; option->name; option++) {
        if (g_str_equal(option->name, name))
            return option;
    }
    return NULL;
}

gpointer
option_table_get_field(const Option *option, const Options *options)
{
    return G_STRUCT_MEMBER_P(options, option->field);
}

/* Where no option is of that property, it is called as the option is, as the mounts are that --mount adds. */
const gchar *
options_name_for_property(const gchar *property)
{
    for (const Option *option = option_table; option->name; option++) {
        if (g_strcmp0(option->property, property) == 0)
            return option->name;
    }
    return option_table_find(property) ? option_table_find(property)->name : NULL;
}
