/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/options/options.h"

#include "bin/messages/message.h"
#include "bin/working-directory.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <linux/openat2.h>
#include <math.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CPUS_MAX 4096
#define USERS_PATH "etc/passwd"
/* As many bytes of users as are read; 100,000 users have half of it. */
#define USERS_SIZE_MAX (16 << 20)

static gboolean
fail(GError **error, const gchar *option, const gchar *value, const gchar *why)
{
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, "%s %s: %s", option, value, why);
    return FALSE;
}

/* Where we are now need not be where the sandbox is made. */
static gchar *
absolute_path(const gchar *path)
{
    g_autofree gchar *here = g_path_is_absolute(path) ? NULL : getcwd(NULL, 0);

    return here ? g_canonicalize_filename(path, here) : g_strdup(path);
}

typedef void (*SetPath)(GVirSandboxConfig *config, const gchar *path);

static gboolean
apply_path(GVirSandboxConfig *config, const gchar *option, const gchar *path, SetPath set, GError **error)
{
    g_autofree gchar *absolute = NULL;

    if (!path)
        return TRUE;
    if (!*path)
        return fail(error, option, path, _("must not be empty"));
    absolute = absolute_path(path);
    set(config, absolute);
    return TRUE;
}

static GVirSandboxConfigInteractive *
load_config(const gchar *path, GError **error)
{
    g_autoptr(GVirSandboxConfig) config = gvir_sandbox_config_load_from_path(path, error);

    if (config && !GVIR_SANDBOX_IS_CONFIG_INTERACTIVE(config)) {
        fail(error, "--config", path, _("describes a service, not a program to run here"));
        return NULL;
    }
    return config ? GVIR_SANDBOX_CONFIG_INTERACTIVE(g_steal_pointer(&config)) : NULL;
}

/* Opens @path as it is meant below @root: no symbolic link leads out of there. */
static int
open_in_root(const gchar *root, const gchar *path)
{
    struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
    int directory = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = directory < 0 ? -1 : (int)syscall(SYS_openat2, directory, path, &how, sizeof(how));
    int saved_errno = errno;

    if (directory >= 0)
        close(directory);
    errno = saved_errno;
    return fd;
}

/* Opens for reading what @path_fd is, which must be a file: opening a device or a FIFO would already do
 * something to it. Closes @path_fd. */
static int
reopen_file(int path_fd, gchar **reason)
{
    g_autofree gchar *path = g_strdup_printf("/proc/self/fd/%d", path_fd);
    struct stat status;
    int fd = -1;

    if (fstat(path_fd, &status) == 0 && !S_ISREG(status.st_mode))
        *reason = g_strdup(_("not a regular file"));
    else if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) < 0)
        *reason = g_strdup(g_strerror(errno));
    close(path_fd);
    return fd;
}

/* All that is in @fd, which somebody else may make longer at any time; closes it. */
static GByteArray *
read_users(int fd, gchar **reason)
{
    g_autoptr(GByteArray) users = g_byte_array_new();
    guint8 piece[65536];
    gssize count = 1;

    while (count > 0 && users->len <= USERS_SIZE_MAX) {
        count = read(fd, piece, sizeof piece);
        if (count > 0)
            g_byte_array_append(users, piece, (guint)count);
        else if (count < 0)
            *reason = g_strdup(g_strerror(errno));
    }
    close(fd);
    if (users->len > USERS_SIZE_MAX)
        *reason = g_strdup_printf(_("longer than %d MiB"), USERS_SIZE_MAX >> 20);
    return *reason ? NULL : g_steal_pointer(&users);
}

static struct passwd *
find_entry(const GByteArray *users, const gchar *name)
{
    FILE *file = users->len > 0 ? fmemopen(users->data, users->len, "r") : NULL;
    struct passwd *entry = NULL;

    while (file && (entry = fgetpwent(file)) && !g_str_equal(entry->pw_name, name))
        ;
    if (file)
        fclose(file);
    return entry;
}

/* The root may be anybody's: what it has in place of the file is looked at before it is opened. */
static struct passwd *
find_user(const gchar *root, const gchar *name, gchar **reason)
{
    g_autofree gchar *problem = NULL;
    g_autoptr(GByteArray) users = NULL;
    struct passwd *entry;
    int fd = open_in_root(root, USERS_PATH);

    if (fd < 0)
        problem = g_strdup(g_strerror(errno));
    else if ((fd = reopen_file(fd, &problem)) >= 0)
        users = read_users(fd, &problem);
    if (!users) {
        *reason = g_strdup_printf("%s/" USERS_PATH ": %s", root, problem);
        return NULL;
    }
    entry = find_entry(users, name);
    if (!entry)
        *reason = g_strdup_printf(_("no such user in %s"), root);
    return entry;
}

/* The host's directory that the program will see as its root, or NULL where that is in an image. */
static gchar *
find_root(GVirSandboxConfig *config)
{
    g_autofree gchar *root = g_strdup(gvir_sandbox_config_get_root(config));
    GList *mounts = gvir_sandbox_config_get_mounts(config);

    for (GList *link = mounts; link; link = link->next) {
        const gchar *target = gvir_sandbox_config_mount_get_target(link->data);

        if (target[strspn(target, "/.")] != '\0')
            continue;
        g_clear_pointer(&root, g_free);
        if (GVIR_SANDBOX_IS_CONFIG_MOUNT_HOST_BIND(link->data))
            root = g_strdup(gvir_sandbox_config_mount_file_get_source(link->data));
    }
    g_list_free_full(mounts, g_object_unref);
    return g_steal_pointer(&root);
}

/* The user of that name in the root that the program will see. */
static gboolean
look_up_user(GVirSandboxConfig *config, const gchar *name, GError **error)
{
    g_autofree gchar *root = find_root(config);
    g_autofree gchar *reason = NULL;
    struct passwd *entry;

    if (!root)
        return fail(error, "--switchto", name, _("the root is not a directory in which users can be looked up"));
    entry = g_str_equal(root, "/") ? getpwnam(name) : find_user(root, name, &reason);
    if (!entry)
        return fail(error, "--switchto", name, reason ? reason : _("no such user"));
    gvir_sandbox_config_set_userid(config, entry->pw_uid);
    gvir_sandbox_config_set_groupid(config, entry->pw_gid);
    gvir_sandbox_config_set_username(config, entry->pw_name);
    gvir_sandbox_config_set_homedir(config, g_path_is_absolute(entry->pw_dir) ? entry->pw_dir : "/");
    return TRUE;
}

static gboolean
apply_identity(GVirSandboxConfig *config, const Options *options, GError **error)
{
    if (options->user)
        return look_up_user(config, options->user, error);
    if (options->privileged) {
        gvir_sandbox_config_set_userid(config, 0);
        gvir_sandbox_config_set_groupid(config, 0);
        gvir_sandbox_config_set_username(config, "root");
        gvir_sandbox_config_set_homedir(config, "/root");
        gvir_sandbox_config_set_privileged(config, TRUE);
    }
    return TRUE;
}

static gboolean
apply_virt_type(GVirSandboxConfig *config, const gchar *text, GError **error)
{
    g_autoptr(GEnumClass) types = g_type_class_ref(GVIR_SANDBOX_TYPE_CONFIG_VIRT_TYPE);
    const GEnumValue *type = text ? g_enum_get_value_by_nick(types, text) : NULL;

    if (text && !type)
        return fail(error, "--virt-type", text, _("not one of auto, kvm and qemu"));
    if (type)
        gvir_sandbox_config_set_virt_type(config, type->value);
    return TRUE;
}

/* The library says "mount TEXT: reason" where the user wrote "--mount TEXT"; always FALSE. */
static gboolean
name_option(GError **error, const gchar *option)
{
    const gchar *kind = option + strlen("--");
    gboolean named = g_str_has_prefix((*error)->message, kind) && (*error)->message[strlen(kind)] == ' ';

    g_prefix_error(error, "%s%s", named ? "--" : option, named ? "" : " ");
    return FALSE;
}

static gboolean
apply_resources(GVirSandboxConfig *config, const Options *options, GError **error)
{
    guint64 cpus;

    if (options->memory && !gvir_sandbox_config_set_memory_opts(config, options->memory, error))
        return name_option(error, "--memory");
    if (options->cpus) {
        if (!g_ascii_string_to_unsigned(options->cpus, 10, 1, CPUS_MAX, &cpus, NULL))
            return fail(error, "--cpus", options->cpus, _("not a number from 1 to 4096"));
        gvir_sandbox_config_set_cpus(config, cpus);
    }
    return apply_virt_type(config, options->virt_type, error);
}

static gboolean
apply_kernel(GVirSandboxConfig *config, const Options *options, GError **error)
{
    if (options->kernel_release)
        gvir_sandbox_config_set_kernrelease(config, options->kernel_release);
    return apply_path(config, "--kernpath", options->kernel_path, gvir_sandbox_config_set_kernpath, error) &&
           apply_path(config, "--kmodpath", options->kernel_modules, gvir_sandbox_config_set_kmodpath, error);
}

typedef gboolean (*AddTexts)(GVirSandboxConfig *config, gchar **texts, GError **error);

static gboolean
add_texts(GVirSandboxConfig *config, const gchar *option, gchar **texts, AddTexts add, GError **error)
{
    return !texts || add(config, texts, error) || name_option(error, option);
}

static gboolean
apply_environment(GVirSandboxConfig *config, const Options *options, GError **error)
{
    gchar **files = options->environment_files;

    for (gsize i = 0; files && files[i]; i++) {
        if (!gvir_sandbox_config_add_env_file(config, files[i], error))
            return name_option(error, "--env-file");
    }
    return add_texts(config, "--env", options->environment, gvir_sandbox_config_add_env_strv, error);
}

static gboolean
apply_devices(GVirSandboxConfig *config, const Options *options, GError **error)
{
    if (!add_texts(config, "--mount", options->mounts, gvir_sandbox_config_add_mount_strv, error) ||
        !add_texts(config, "--disk", options->disks, gvir_sandbox_config_add_disk_strv, error) ||
        !add_texts(config, "--network", options->networks, gvir_sandbox_config_add_network_strv, error) ||
        !apply_environment(config, options, error))
        return FALSE;
    if (options->security && !gvir_sandbox_config_set_security_opts(config, options->security, error))
        return name_option(error, "--security");
    return TRUE;
}

/* A path in the sandbox, where the caller's directory is in the same place. */
static gboolean
apply_hidden(GVirSandboxConfig *config, const Options *options, GError **error)
{
    for (gsize i = 0; options->hidden && options->hidden[i]; i++) {
        g_autofree gchar *path = *options->hidden[i] ? absolute_path(options->hidden[i]) : g_strdup("");

        if (!gvir_sandbox_config_add_hidden(config, path, error))
            return name_option(error, "--hide");
    }
    return TRUE;
}

static gboolean
apply_overlay(GVirSandboxConfig *config, const Options *options, GError **error)
{
    if (options->overlay) {
        g_autofree gchar *directory =
            options->overlay_directory ? g_canonicalize_filename(options->overlay_directory, NULL) : NULL;

        if (options->overlay_directory && !*options->overlay_directory)
            return fail(error, "--overlay=", "", _("no directory"));
        gvir_sandbox_config_set_overlay(config, TRUE);
        gvir_sandbox_config_set_overlay_dir(config, directory);
    }
    if (options->changes) {
        g_autofree gchar *file = g_canonicalize_filename(options->changes, NULL);

        if (!*options->changes || g_str_has_suffix(options->changes, "/"))
            return fail(error, "--changes", options->changes, _("not the name of a file"));
        gvir_sandbox_config_set_changes(config, g_str_equal(options->changes, "-") ? "-" : file);
    }
    if (gvir_sandbox_config_get_changes(config) && !gvir_sandbox_config_get_overlay(config))
        return fail(error, "--changes", gvir_sandbox_config_get_changes(config),
                    _("nothing can change without --overlay"));
    return apply_hidden(config, options, error);
}

/* When it is known whose home it is. */
static gboolean
apply_home(GVirSandboxConfig *config, const Options *options, GError **error)
{
    if (options->home && !gvir_sandbox_config_set_home_opts(config, options->home_size, error))
        return name_option(error, "--home");
    if (options->hide_secrets)
        gvir_sandbox_config_set_hide_secrets(config, TRUE);
    if (!add_texts(config, "--include", options->includes, gvir_sandbox_config_add_host_include_strv, error))
        return FALSE;
    if (options->include_file && !gvir_sandbox_config_add_host_include_file(config, options->include_file, error))
        return name_option(error, "--includefile");
    return TRUE;
}

static void
apply_switches(GVirSandboxConfig *config, const Options *options)
{
    if (options->name)
        gvir_sandbox_config_set_name(config, options->name);
    if (options->shell)
        gvir_sandbox_config_set_shell(config, TRUE);
    if (options->verbose)
        gvir_sandbox_config_set_verbose(config, TRUE);
    if (options->debug || (!options->save_file && g_strcmp0(g_getenv("LIBVIRT_SANDBOX_INIT_DEBUG"), "1") == 0))
        gvir_sandbox_config_set_debug(config, TRUE);
    if (options->timeout_seconds > 0)
        gvir_sandbox_config_set_timeout(config, (guint64)ceil(options->timeout_seconds * 1000));
}

/* One that was asked for. */
static void
set_working_directory(GVirSandboxConfig *config, const gchar *path)
{
    gvir_sandbox_config_set_workdir(config, path);
    gvir_sandbox_config_set_workdir_optional(config, FALSE);
}

/* The program starts where we are if that is in a directory that is shared, else in the first of these. */
static gboolean
apply_shares(GVirSandboxConfig *config, const Options *options, GError **error)
{
    g_autofree gchar *first = NULL;
    g_autofree gchar *here = NULL;

    for (guint i = 0; options->shares && i < options->shares->len; i++) {
        g_autofree gchar *notice = NULL;
        g_autofree gchar *path =
            gvir_sandbox_config_add_share(config, g_ptr_array_index(options->shares, i), &notice, error);

        if (!path)
            return name_option(error, "--share");
        if (notice)
            message("%s", notice);
        if (!first)
            first = g_steal_pointer(&path);
    }
    if (!first || options->directory)
        return TRUE;
    here = working_directory_find_shared(config);
    set_working_directory(config, here ? here : first);
    return TRUE;
}

/* A saved description says what was asked for: where it is used there is another directory. */
static void
apply_working_directory(GVirSandboxConfig *config, const Options *options)
{
    g_autofree gchar *here = NULL;

    if (options->save_file || gvir_sandbox_config_get_workdir(config))
        return;
    here = working_directory_find(config);
    if (!here)
        return;
    gvir_sandbox_config_set_workdir(config, here);
    gvir_sandbox_config_set_workdir_optional(config, TRUE);
}

/* There our terminal is in somebody else's use. */
static gboolean
in_background(void)
{
    pid_t group = tcgetpgrp(STDIN_FILENO);

    return group >= 0 && group != getpgrp();
}

static void
apply_program(GVirSandboxConfigInteractive *config, const Options *options)
{
    gboolean terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && !in_background();
    gchar *any_program[] = { (gchar *)"true", NULL };

    if (*options->command)
        gvir_sandbox_config_interactive_set_command(config, options->command);
    else if (!options->config_file)
        gvir_sandbox_config_interactive_set_command(config, any_program);
    if (options->tty || options->no_tty)
        gvir_sandbox_config_interactive_set_tty(config, options->tty);
    else if (!options->save_file && !gvir_sandbox_config_interactive_get_tty_asked(config))
        gvir_sandbox_config_interactive_set_tty(config, terminal);
}

GVirSandboxConfigInteractive *
options_make_config(const Options *options, GError **error)
{
    g_autoptr(GVirSandboxConfigInteractive) config = NULL;
    GVirSandboxConfig *base;

    config = options->config_file ? load_config(options->config_file, error)
                                  : gvir_sandbox_config_interactive_new(options->name);
    if (!config)
        return NULL;

    base = GVIR_SANDBOX_CONFIG(config);
    apply_switches(base, options);
    apply_program(config, options);
    if (!apply_path(base, "--root", options->root, gvir_sandbox_config_set_root, error) ||
        !apply_path(base, "--chdir", options->directory, set_working_directory, error) ||
        !apply_resources(base, options, error) || !apply_kernel(base, options, error) ||
        !apply_overlay(base, options, error) || !apply_devices(base, options, error) ||
        !apply_identity(base, options, error) || !apply_home(base, options, error) ||
        !apply_shares(base, options, error))
        return NULL;
    apply_working_directory(base, options);
    return g_steal_pointer(&config);
}
