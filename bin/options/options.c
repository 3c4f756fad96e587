/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/options/options.h"

#include "bin/options/option-table.h"
#include "bin/options/option-words.h"

#include <glib/gi18n.h>
#include <string.h>

static void
append_text(gchar ***texts, const gchar *text)
{
    guint count = *texts ? g_strv_length(*texts) : 0;

    *texts = g_renew(gchar *, *texts, count + 2);
    (*texts)[count] = g_strdup(text);
    (*texts)[count + 1] = NULL;
}

/* "--overlay" has no value, "--overlay=DIR" has one. */
static gboolean
keep_optional(const gchar *name, const gchar *value, gpointer user_data, GError **error G_GNUC_UNUSED)
{
    const Option *option = option_table_find(name + strlen("--"));
    gpointer field = option_table_get_field(option, user_data);
    OptionalText *optional = field;

    if (option->kind == OPTION_OPTIONAL_TEXTS) {
        append_text(field, value ? value : ".");
        return TRUE;
    }
    optional->given = TRUE;
    g_free(optional->text);
    optional->text = g_strdup(value);
    return TRUE;
}

static GOptionEntry
make_entry(const Option *option, Options *options)
{
    static const GOptionArg arguments[] = {
        [OPTION_SWITCH] = G_OPTION_ARG_NONE,       [OPTION_TEXT] = G_OPTION_ARG_FILENAME,
        [OPTION_PATH] = G_OPTION_ARG_FILENAME,     [OPTION_TEXTS] = G_OPTION_ARG_FILENAME_ARRAY,
        [OPTION_OPTIONAL] = G_OPTION_ARG_CALLBACK, [OPTION_OPTIONAL_TEXTS] = G_OPTION_ARG_CALLBACK,
    };
    gboolean optional = arguments[option->kind] == G_OPTION_ARG_CALLBACK;

    return (GOptionEntry){
        .long_name = option->name,
        .short_name = option->letter,
        .flags = (optional ? G_OPTION_FLAG_OPTIONAL_ARG | G_OPTION_FLAG_FILENAME : 0) |
                 (option->help ? 0 : G_OPTION_FLAG_HIDDEN),
        .arg = arguments[option->kind],
        .arg_data = optional ? (gpointer)keep_optional : option_table_get_field(option, options),
        .description = option->help,
        .arg_description = option->argument,
    };
}

static GOptionEntry *
make_entries(Options *options)
{
    GArray *entries = g_array_new(TRUE, FALSE, sizeof(GOptionEntry));

    for (const Option *option = option_table; option->name; option++) {
        GOptionEntry entry = make_entry(option, options);

        g_array_append_val(entries, entry);
    }
    return (GOptionEntry *)g_array_free(entries, FALSE);
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
    if (!check_contradictions(options, error))
        return NULL;
    return g_steal_pointer(&options);
}

/* Two options may have one field. */
static void
clear_field(const Option *option, Options *options)
{
    gpointer field = option_table_get_field(option, options);

    switch (option->kind) {
    case OPTION_SWITCH:
        break;
    case OPTION_TEXT:
    case OPTION_PATH:
        g_clear_pointer((gchar **)field, g_free);
        break;
    case OPTION_TEXTS:
    case OPTION_OPTIONAL_TEXTS:
        g_clear_pointer((gchar ***)field, g_strfreev);
        break;
    case OPTION_OPTIONAL:
        g_clear_pointer(&((OptionalText *)field)->text, g_free);
        break;
    }
}

void
options_free(Options *options)
{
    for (const Option *option = option_table; option->name; option++)
        clear_field(option, options);
    g_strfreev(options->command);
    g_free(options);
}
