/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/options/option-words.h"

#include "libvirt-sandbox/error.h"

#include <glib/gi18n.h>
#include <string.h>

/* What other programs of the kind call what is not of that name here. */
static const struct {
    const gchar *name;
    const gchar *advice;
} foreign_options[] = {
    { "bind", N_("a directory of the host is mounted with --mount host-bind:DST=DIR") },
    { "ro-bind", N_("a directory of the host is mounted with --mount host-bind:DST=DIR,ro") },
    { "volume", N_("a directory of the host is mounted with --mount host-bind:DST=DIR, or --share=DIR") },
    { "tmpfs", N_("memory is mounted with --mount ram:DST=SIZE") },
    { "net", N_("a network is --network OPTS: user, dhcp or source=NETWORK; without it there is loopback only") },
    { "publish", N_("no port of the sandbox can be published") },
    { "interactive", N_("the program has standard input without an option") },
};

static gboolean
refuse(GError **error, const gchar *words, const gchar *advice)
{
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, "%s: %s", words, advice);
    return FALSE;
}

static gboolean
is_option(const gchar *word)
{
    return word[0] == '-' && word[1] != '\0' && !g_str_equal(word, "--");
}

static const GOptionEntry *
find_long(const GOptionEntry *entries, const gchar *name, gsize length)
{
    for (; entries->long_name; entries++) {
        if (strlen(entries->long_name) == length && strncmp(entries->long_name, name, length) == 0)
            return entries;
    }
    return NULL;
}

static const GOptionEntry *
find_short(const GOptionEntry *entries, gchar name)
{
    for (; entries->long_name; entries++) {
        if (entries->short_name == name)
            return entries;
    }
    return NULL;
}

static gboolean
takes_next_word(const GOptionEntry *entry)
{
    return entry && entry->arg != G_OPTION_ARG_NONE &&
           !(entry->flags & (G_OPTION_FLAG_NO_ARG | G_OPTION_FLAG_OPTIONAL_ARG));
}

static gboolean
refuse_foreign(const gchar *word, gsize length, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(foreign_options); i++) {
        if (strlen(foreign_options[i].name) == length && strncmp(word + 2, foreign_options[i].name, length) == 0) {
            g_autofree gchar *option = g_strndup(word, length + 2);

            return refuse(error, option, _(foreign_options[i].advice));
        }
    }
    return TRUE;
}

/* Whether the word behind @word is its value. */
static gboolean
check_long(GPtrArray *prepared, const gchar *word, const GOptionEntry *entries, gboolean *takes_next, GError **error)
{
    gsize length = strcspn(word + 2, "=");
    const GOptionEntry *entry = find_long(entries, word + 2, length);

    if (!entry && !refuse_foreign(word, length, error))
        return FALSE;
    *takes_next = takes_next_word(entry) && word[2 + length] != '=';
    if (entry && (entry->flags & G_OPTION_FLAG_OPTIONAL_ARG) && word[2 + length] != '=')
        g_ptr_array_add(prepared, g_strdup("--" OPTION_WORDS_NO_VALUE));
    return TRUE;
}

static gboolean
check_short(const gchar *word, const GOptionEntry *entries, gboolean *takes_next, GError **error)
{
    if (g_str_equal(word, "-it") || g_str_equal(word, "-ti"))
        return refuse(error, word,
                      _("-i is --include here; the program has standard input anyway, and a terminal with -t"));
    for (const gchar *letter = word + 1; *letter; letter++)
        *takes_next = *takes_next || takes_next_word(find_short(entries, *letter));
    return TRUE;
}

/* "-v DIR:DST[:ro]" */
static gboolean
check_volume(const gchar *text, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", 3);
    g_autofree gchar *words = g_strdup_printf("-v %s", text);
    g_autofree gchar *advice = NULL;
    gboolean read_only;

    if (g_strv_length(parts) < 2 || !*parts[0] || *parts[1] != '/')
        return TRUE;
    read_only = parts[2] && g_str_has_prefix(parts[2], "ro");
    advice = g_strdup_printf(_("-v is --verbose here; that mount is --mount host-bind:%s=%s%s"), parts[1], parts[0],
                             read_only ? ",ro" : "");
    return refuse(error, words, advice);
}

/* "-p [IP:]PORT:PORT[/tcp]" */
static gboolean
check_port(const gchar *text, GError **error)
{
    g_autofree gchar *words = g_strdup_printf("-p %s", text);

    if (!g_ascii_isdigit(*text) || !strchr(text, ':') || text[strspn(text, "0123456789.:-/tcpud")] != '\0')
        return TRUE;
    return refuse(error, words, _("-p is --privileged here; no port of the sandbox can be published"));
}

/* A command that is no program, but what another program's option of the name before it would take. */
static gboolean
check_command(const gchar *last_option, const gchar *command, GError **error)
{
    if (!last_option || !command || g_file_test(command, G_FILE_TEST_EXISTS))
        return TRUE;
    if (g_str_equal(last_option, "-v"))
        return check_volume(command, error);
    if (g_str_equal(last_option, "-p"))
        return check_port(command, error);
    return TRUE;
}

gchar **
option_words_prepare(gchar **words, const GOptionEntry *entries, GError **error)
{
    g_autoptr(GPtrArray) prepared = g_ptr_array_new_with_free_func(g_free);
    const gchar *last_option = NULL;

    while (*words && is_option(*words)) {
        gboolean takes_next = FALSE;

        last_option = *words;
        g_ptr_array_add(prepared, g_strdup(*words));
        if (last_option[1] == '-' ? !check_long(prepared, last_option, entries, &takes_next, error)
                                  : !check_short(last_option, entries, &takes_next, error))
            return NULL;
        words++;
        if (takes_next && *words) {
            g_ptr_array_add(prepared, g_strdup(*words++));
            last_option = NULL;
        }
    }
    if (!check_command(last_option, *words, error))
        return NULL;
    for (; *words; words++)
        g_ptr_array_add(prepared, g_strdup(*words));
    g_ptr_array_add(prepared, NULL);
    return (gchar **)g_ptr_array_free(g_steal_pointer(&prepared), FALSE);
}
