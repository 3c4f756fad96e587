/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/options/options-config.h"

#include "bin/messages/message.h"
#include "bin/options/option-table.h"
#include "bin/working-directory.h"

#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

/* From the options to a description. */

/* What a later version has to say need not be known; who wrote it should know that it was not. */
static void
tell_not_understood(GVirSandboxConfig *config, const gchar *path)
{
    const gchar *const *names = gvir_sandbox_config_get_not_understood(config);
    g_autofree gchar *list = names ? g_strjoinv(", ", (gchar **)names) : NULL;

    if (list)
        message(_("%s: a later version wrote this file, and not understood was: %s"), path, list);
}

static GVirSandboxConfigInteractive *
load_config(const gchar *path, GError **error)
{
    g_autoptr(GVirSandboxConfig) config = gvir_sandbox_config_load_from_path(path, error);

    if (config && !GVIR_SANDBOX_IS_CONFIG_INTERACTIVE(config)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, "--config %s: %s", path,
                    _("describes a service, not a program to run here"));
        return NULL;
    }
    if (!config)
        return NULL;
    tell_not_understood(config, path);
    return GVIR_SANDBOX_CONFIG_INTERACTIVE(g_steal_pointer(&config));
}

/* --- one option ------------------------------------------------------------------------------ */

/* The library says "mount TEXT: reason" where the user wrote "--mount TEXT"; always FALSE. */
static gboolean
name_option(const Option *option, GError **error)
{
    gsize length = strlen(option->name);
    gboolean named =
        g_str_has_prefix((*error)->message, option->name) && strchr(" =:", (*error)->message[length]) != NULL;

    g_prefix_error(error, "--%s%s", named ? "" : option->name, named ? "" : " ");
    return FALSE;
}

static gboolean
apply_switch(const Option *option, GVirSandboxConfig *config, GError **error)
{
    if (option->parse)
        return option->parse(config, NULL, error);
    g_object_set(config, option->property, TRUE, NULL);
    return TRUE;
}

static gboolean
apply_text(const Option *option, GVirSandboxConfig *config, const gchar *text, GError **error)
{
    if (option->parse)
        return option->parse(config, text, error);
    g_object_set(config, option->property, text, NULL);
    return TRUE;
}

/* Where we are now need not be where the sandbox is made. */
static gboolean
apply_path(const Option *option, GVirSandboxConfig *config, const gchar *path, GError **error)
{
    g_autofree gchar *absolute = *path ? working_directory_make_absolute(path) : NULL;

    if (absolute)
        return apply_text(option, config, absolute, error);
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, "%s : %s", option->name, _("must not be empty"));
    return FALSE;
}

static gboolean
apply_texts(const Option *option, GVirSandboxConfig *config, gchar **texts, GError **error)
{
    for (; *texts; texts++) {
        if (!apply_text(option, config, *texts, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
apply_values(const Option *option, GVirSandboxConfig *config, gconstpointer field, GError **error)
{
    switch (option->kind) {
    case OPTION_SWITCH:
        return !*(const gboolean *)field || apply_switch(option, config, error);
    case OPTION_TEXT:
        return !*(gchar *const *)field || apply_text(option, config, *(gchar *const *)field, error);
    case OPTION_PATH:
        return !*(gchar *const *)field || apply_path(option, config, *(gchar *const *)field, error);
    case OPTION_TEXTS:
    case OPTION_OPTIONAL_TEXTS:
        return !*(gchar * *const *)field || apply_texts(option, config, *(gchar * *const *)field, error);
    case OPTION_OPTIONAL:
        return !((const OptionalText *)field)->given ||
               apply_text(option, config, ((const OptionalText *)field)->text, error);
    }
    g_return_val_if_reached(FALSE);
}

static gboolean
apply_option(const Option *option, GVirSandboxConfig *config, const Options *options, GError **error)
{
    gboolean applied = option->apply ? option->apply(config, options, error)
                                     : apply_values(option, config, option_table_get_field(option, options), error);

    return applied || name_option(option, error);
}

static gboolean
apply_table(GVirSandboxConfig *config, const Options *options, GError **error)
{
    for (OptionStep step = OPTION_STEP_BASE; step < OPTION_N_STEPS; step++) {
        for (const Option *option = option_table; option->name; option++) {
            if (option->step == step && !apply_option(option, config, options, error))
                return FALSE;
        }
    }
    return TRUE;
}

/* --- what follows from the options, or from none --------------------------------------------- */

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

/* A terminal that is in somebody else's use, as in the background of a shell, is not. */
static gboolean
is_our_terminal(int fd)
{
    pid_t group = tcgetpgrp(fd);

    return isatty(fd) && (group < 0 || group == getpgrp());
}

/* As the program would have it here; what it writes to its terminal must have somewhere to go. */
static void
apply_terminal(GVirSandboxConfigInteractive *config, const Options *options)
{
    gboolean output = is_our_terminal(STDOUT_FILENO);
    gboolean errors = is_our_terminal(STDERR_FILENO);
    gboolean terminal = (output || errors) && !options->no_stdin;

    gvir_sandbox_config_interactive_set_tty(config, terminal);
    if (terminal)
        gvir_sandbox_config_interactive_set_tty_streams(config, is_our_terminal(STDIN_FILENO), output, errors);
}

static void
apply_defaults(GVirSandboxConfigInteractive *config, const Options *options)
{
    gchar *any_program[] = { (gchar *)"true", NULL };

    if (*options->command)
        gvir_sandbox_config_interactive_set_command(config, options->command);
    else if (!options->config_file)
        gvir_sandbox_config_interactive_set_command(config, any_program);
    if (!options->save_file && !gvir_sandbox_config_interactive_get_tty_asked(config))
        apply_terminal(config, options);
    if (!options->save_file && g_strcmp0(g_getenv("LIBVIRT_SANDBOX_INIT_DEBUG"), "1") == 0)
        gvir_sandbox_config_set_debug(GVIR_SANDBOX_CONFIG(config), TRUE);
    apply_working_directory(GVIR_SANDBOX_CONFIG(config), options);
}

static gboolean
check_changes(GVirSandboxConfig *config, GError **error)
{
    const gchar *file = gvir_sandbox_config_get_changes(config);

    if (!file || gvir_sandbox_config_get_overlay(config))
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, "--changes %s: %s", file, _("needs --overlay"));
    return FALSE;
}

GVirSandboxConfigInteractive *
options_make_config(const Options *options, GError **error)
{
    g_autoptr(GVirSandboxConfigInteractive) config =
        options->config_file ? load_config(options->config_file, error) : gvir_sandbox_config_interactive_new(NULL);

    if (!config || !apply_table(GVIR_SANDBOX_CONFIG(config), options, error) ||
        !check_changes(GVIR_SANDBOX_CONFIG(config), error))
        return NULL;
    apply_defaults(config, options);
    return g_steal_pointer(&config);
}
