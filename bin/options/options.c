/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/options/options.h"

#include "bin/options/option-words.h"
#include "bin/options/time-span.h"

#include <glib/gi18n.h>
#include <string.h>

/* "--overlay" keeps what is written in memory, "--overlay=DIR" in a directory of the host. */
static gboolean
set_overlay(const gchar *name G_GNUC_UNUSED, const gchar *value, gpointer user_data, GError **error G_GNUC_UNUSED)
{
    Options *options = user_data;

    options->overlay = TRUE;
    g_free(options->overlay_directory);
    options->overlay_directory = g_strdup(value);
    return TRUE;
}

/* "--home" is as large as it gets by default, "--home=SIZE" as that says. */
static gboolean
set_home(const gchar *name G_GNUC_UNUSED, const gchar *value, gpointer user_data, GError **error G_GNUC_UNUSED)
{
    Options *options = user_data;

    options->home = TRUE;
    g_free(options->home_size);
    options->home_size = g_strdup(value);
    return TRUE;
}

/* "--share" is where we are, "--share=DIR" somewhere else. */
static gboolean
add_share(const gchar *name, const gchar *value, gpointer user_data, GError **error)
{
    Options *options = user_data;

    if (value && !*value) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, _("%s=: no directory"), name);
        return FALSE;
    }
    if (!options->shares)
        options->shares = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(options->shares, g_strdup(value ? value : "."));
    return TRUE;
}

static GOptionEntry *
make_entries(Options *options)
{
    static gboolean ignored;
    const GOptionEntry entries[] = {
        { "connect", 'c', 0, G_OPTION_ARG_FILENAME, &options->connect,
          N_("libvirt connection (default: the embedded QEMU driver)"), "URI" },
        { "name", 'n', 0, G_OPTION_ARG_FILENAME, &options->name, N_("name of the sandbox (default: a random one)"),
          "NAME" },
        { "root", 'r', 0, G_OPTION_ARG_FILENAME, &options->root,
          N_("root file system, read-only (default: the host's)"), "DIR" },
        { "overlay", 0, G_OPTION_FLAG_OPTIONAL_ARG | G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, set_overlay,
          N_("let it be written to; what is written is gone at the end"), "[DIR]" },
        { "changes", 0, 0, G_OPTION_ARG_FILENAME, &options->changes,
          N_("at the end, write what changed in the overlay as a tar; - lists it"), "FILE" },
        { "hide", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->hidden, N_("hide a directory or file from the program"),
          "PATH" },
        { "hide-secrets", 0, 0, G_OPTION_ARG_NONE, &options->hide_secrets,
          N_("hide keys, passwords and tokens: what is known to hold them"), NULL },
        { "home", 0, G_OPTION_FLAG_OPTIONAL_ARG | G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, set_home,
          N_("a home directory of its own, in memory"), "[SIZE]" },
        { "disk", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->disks, N_("block device /dev/disk/by-tag/TAG"),
          "TYPE:TAG=SOURCE[,format=FORMAT]" },
        { "mount", 'm', 0, G_OPTION_ARG_FILENAME_ARRAY, &options->mounts,
          N_("host-bind, host-image, guest-bind or ram mount"), "TYPE:DST=SRC[,OPT...]" },
        { "share", 0, G_OPTION_FLAG_OPTIONAL_ARG | G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, add_share,
          N_("let a directory be written where it is, and start there (default: this one)"), "[DIR]" },
        { "include", 'i', 0, G_OPTION_ARG_FILENAME_ARRAY, &options->includes,
          N_("copy a file of the host into the mount that covers it"), "[GUEST=]HOST" },
        { "includefile", 'I', 0, G_OPTION_ARG_FILENAME, &options->include_file, N_("the same for each line of a file"),
          "FILE" },
        { "env", 'e', 0, G_OPTION_ARG_FILENAME_ARRAY, &options->environment,
          N_("environment variable; KEY alone passes ours on"), "KEY[=VALUE]" },
        { "env-file", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->environment_files,
          N_("the same for each line of a file"), "FILE" },
        { "chdir", 'C', 0, G_OPTION_ARG_FILENAME, &options->directory,
          N_("working directory (default: this one, if the sandbox has it, else the home directory)"), "DIR" },
        { "network", 'N', 0, G_OPTION_ARG_FILENAME_ARRAY, &options->networks,
          N_("network interface: source=, dhcp, user, address= ... (default: loopback only)"), "OPTS" },
        { "security", 's', 0, G_OPTION_ARG_FILENAME, &options->security,
          N_("security label, and whether a container has a filter of system calls"), "OPTS" },
        { "privileged", 'p', 0, G_OPTION_ARG_NONE, &options->privileged, N_("root inside, with its capabilities there"),
          NULL },
        { "switchto", 'S', 0, G_OPTION_ARG_FILENAME, &options->user, N_("run as another user (default: the caller)"),
          "USER" },
        { "memory", 0, 0, G_OPTION_ARG_FILENAME, &options->memory, N_("memory, as in 512M or 2GiB"), "SIZE" },
        { "cpus", 0, 0, G_OPTION_ARG_FILENAME, &options->cpus, N_("number of CPUs"), "N" },
        { "timeout", 0, 0, G_OPTION_ARG_FILENAME, &options->timeout,
          N_("end the program after this time, with status 124"), "TIME" },
        { "tty", 't', 0, G_OPTION_ARG_NONE, &options->tty, N_("give the program a terminal"), NULL },
        { "no-tty", 'T', 0, G_OPTION_ARG_NONE, &options->no_tty,
          N_("give it pipes (default: a terminal where ours is one)"), NULL },
        { "no-stdin", 0, 0, G_OPTION_ARG_NONE, &options->no_stdin,
          N_("give it an empty standard input, as </dev/null does"), NULL },
        { "shell", 'l', 0, G_OPTION_ARG_NONE, &options->shell,
          N_("a shell on a second console, with the program's rights"), NULL },
        { "kernver", 0, 0, G_OPTION_ARG_FILENAME, &options->kernel_release,
          N_("release of the kernel that a machine boots"), "RELEASE" },
        { "kernpath", 0, 0, G_OPTION_ARG_FILENAME, &options->kernel_path, N_("file of the kernel that a machine boots"),
          "FILE" },
        { "kmodpath", 0, 0, G_OPTION_ARG_FILENAME, &options->kernel_modules, N_("directory of the kernel's modules"),
          "DIR" },
        { "virt-type", 0, 0, G_OPTION_ARG_FILENAME, &options->virt_type, N_("hardware virtualization or emulation"),
          "auto|kvm|qemu" },
        { "qemu-user", 0, 0, G_OPTION_ARG_FILENAME, &options->qemu_user, N_("for root: whom QEMU runs as"), "USER" },
        { "config", 0, 0, G_OPTION_ARG_FILENAME, &options->config_file, N_("start from a saved description"), "FILE" },
        { "save", 0, 0, G_OPTION_ARG_FILENAME, &options->save_file, N_("save the description and stop"), "FILE" },
        { "print-xml", 0, 0, G_OPTION_ARG_NONE, &options->print_xml, N_("print the domain XML and stop"), NULL },
        { "validate", 0, 0, G_OPTION_ARG_NONE, &options->validate,
          N_("check this host for what the sandbox needs and stop"), NULL },
        { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, N_("with --validate: for programs, in JSON lines"), NULL },
        { "json-status-fd", 0, 0, G_OPTION_ARG_FILENAME, &options->status_fd,
          N_("say what becomes of the sandbox, in JSON lines"), "FD" },
        { "verbose", 'v', 0, G_OPTION_ARG_NONE, &options->verbose, N_("say what is done"), NULL },
        { "debug", 'd', 0, G_OPTION_ARG_NONE, &options->debug, N_("show the log of kernel and init, too"), NULL },
        { "version", 'V', 0, G_OPTION_ARG_NONE, &options->version, N_("print the version and stop"), NULL },
        /* As podman calls them. */
        { "rm", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &ignored, NULL, NULL },
        { "user", 'u', G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &options->user, NULL, "USER" },
        { "workdir", 'w', G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &options->directory, NULL, "DIR" },
        { OPTION_WORDS_NO_VALUE, 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &ignored, NULL, NULL },
        { 0 },
    };

    return g_memdup2(entries, sizeof(entries));
}

static gboolean fail(GError **error, const gchar *format, ...) G_GNUC_PRINTF(2, 3);

static gboolean
fail(GError **error, const gchar *format, ...)
{
    va_list args;
    g_autofree gchar *text = NULL;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, text);
    return FALSE;
}

static gboolean
check_contradictions(const Options *options, GError **error)
{
    if (options->tty && options->no_tty)
        return fail(error, _("--tty and --no-tty contradict each other"));
    if (options->privileged && options->user)
        return fail(error, _("--privileged and --switchto contradict each other"));
    if (options->save_file && options->print_xml)
        return fail(error, _("--save and --print-xml contradict each other"));
    if (options->save_file && (options->status_fd || options->qemu_user))
        return fail(error, _("--save and %s contradict each other: a description does not say how it is run"),
                    options->status_fd ? "--json-status-fd" : "--qemu-user");
    if (options->validate && (options->save_file || options->print_xml))
        return fail(error, _("--validate and %s contradict each other"), options->save_file ? "--save" : "--print-xml");
    if (options->json && !options->validate)
        return fail(error, _("--json goes with --validate only; see --json-status-fd"));
    if (!options->command[0] && !options->config_file && !options->version && !options->validate)
        return fail(error, _("no COMMAND: which program is to run? (as in: virt-sandbox -- /bin/sh)"));
    return TRUE;
}

static gboolean
parse_timeout(Options *options, GError **error)
{
    if (options->timeout &&
        (!time_span_parse(options->timeout, &options->timeout_seconds) || options->timeout_seconds <= 0))
        return fail(error, _("--timeout %s: not a time above 0, as 90 (seconds), 200ms, 5m or \"1h 30min\""),
                    options->timeout);
    return TRUE;
}

static GOptionContext *
make_context(Options *options, GOptionEntry *entries)
{
    GOptionContext *context = g_option_context_new(_("[--] COMMAND [ARGS...]"));
    GOptionGroup *group = g_option_group_new("main", "", "", options, NULL);

    g_option_context_set_summary(
        context, _("Runs COMMAND from the host's own files in a throw-away virtual machine or container."));
    g_option_group_add_entries(group, entries);
    g_option_group_set_translation_domain(group, GETTEXT_PACKAGE);
    g_option_context_set_main_group(context, group);
    /* What follows the command is the command's. */
    g_option_context_set_strict_posix(context, TRUE);
    return context;
}

/* All words but those of options, the name of the program first. */
static gchar **
parse_words(GOptionContext *context, const GOptionEntry *entries, char **argv, GError **error)
{
    g_auto(GStrv) prepared = option_words_prepare(argv + 1, entries, error);
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();
    gchar **rest;

    if (!prepared)
        return NULL;
    g_strv_builder_add(words, argv[0]);
    g_strv_builder_addv(words, (const gchar **)prepared);
    rest = g_strv_builder_end(words);
    if (g_option_context_parse_strv(context, &rest, error))
        return rest;
    g_strfreev(rest);
    return NULL;
}

Options *
options_parse(char **argv, GError **error)
{
    g_autoptr(Options) options = g_new0(Options, 1);
    g_autofree GOptionEntry *entries = make_entries(options);
    g_autoptr(GOptionContext) context = make_context(options, entries);
    g_auto(GStrv) words = parse_words(context, entries, argv, error);
    gchar **command;

    if (!words)
        return NULL;
    command = words + 1;
    if (*command && g_str_equal(*command, "--"))
        command++;
    options->command = g_strdupv(command);
    if (!check_contradictions(options, error) || !parse_timeout(options, error))
        return NULL;
    return g_steal_pointer(&options);
}

void
options_free(Options *options)
{
    g_free(options->connect);
    g_free(options->name);
    g_free(options->root);
    g_free(options->overlay_directory);
    g_free(options->changes);
    g_strfreev(options->hidden);
    g_free(options->home_size);
    g_strfreev(options->disks);
    g_strfreev(options->mounts);
    g_strfreev(options->includes);
    g_free(options->include_file);
    g_strfreev(options->environment);
    g_strfreev(options->environment_files);
    g_clear_pointer(&options->shares, g_ptr_array_unref);
    g_free(options->directory);
    g_strfreev(options->networks);
    g_free(options->security);
    g_free(options->user);
    g_free(options->memory);
    g_free(options->cpus);
    g_free(options->timeout);
    g_free(options->kernel_release);
    g_free(options->kernel_path);
    g_free(options->kernel_modules);
    g_free(options->virt_type);
    g_free(options->config_file);
    g_free(options->save_file);
    g_free(options->qemu_user);
    g_free(options->status_fd);
    g_strfreev(options->command);
    g_free(options);
}
