/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/share/git-config-private.h"

#include <limits.h>
#include <string.h>

/* The texts in which git notes where its directories are. */

static gboolean
is_path(const gchar *text)
{
    return *text && strlen(text) < PATH_MAX && !strpbrk(text, "\r\n");
}

gchar *
gvir_sandbox_git_parse_path(const gchar *data, gsize length, const gchar *prefix)
{
    g_autofree gchar *text = NULL;
    gsize skipped = strlen(prefix);

    if (length < skipped || memcmp(data, prefix, skipped) != 0 || memchr(data, '\0', length))
        return NULL;
    text = g_strndup(data + skipped, length - skipped);
    length = strlen(text);
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        text[--length] = '\0';
    return is_path(text) ? g_steal_pointer(&text) : NULL;
}

/* Takes the escape behind a backslash; 0 if it is none, or ends the line. */
static gchar
unescape(gchar letter)
{
    switch (letter) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'b':
        return '\b';
    case '"':
    case '\\':
        return letter;
    default:
        return '\0';
    }
}

/* NULL if it is no value that ends with its line. */
static gchar *
parse_value(const gchar *text)
{
    g_autoptr(GString) value = g_string_new(NULL);
    gboolean quoted = FALSE;
    gsize end = 0; /* of what is no space at the end */

    for (text += strspn(text, " \t"); *text && (quoted || (*text != '#' && *text != ';')); text++) {
        gchar letter = *text;

        if (letter == '"') {
            quoted = !quoted;
            end = value->len;
            continue;
        }
        if (letter == '\\' && (letter = unescape(*++text)) == '\0')
            return NULL;
        g_string_append_c(value, letter);
        if (quoted || !g_ascii_isspace(letter))
            end = value->len;
    }
    g_string_truncate(value, end);
    return quoted ? NULL : g_string_free(g_steal_pointer(&value), FALSE);
}

/* What is behind the head of a section, if @line has one, after noting whether it is that of [core]. */
static const gchar *
pass_section(const gchar *line, gboolean *in_core)
{
    const gchar *end = *line == '[' ? strchr(line, ']') : NULL;
    g_autofree gchar *name = NULL;

    if (!end)
        return line;
    name = g_strstrip(g_strndup(line + 1, (gsize)(end - line - 1)));
    *in_core = g_ascii_strcasecmp(name, "core") == 0;
    return end + 1 + strspn(end + 1, " \t");
}

/* What is behind the "=" if the name before it is worktree. */
static const gchar *
pass_name(const gchar *line)
{
    static const gchar name[] = "worktree";

    if (g_ascii_strncasecmp(line, name, strlen(name)) != 0)
        return NULL;
    line += strlen(name);
    line += strspn(line, " \t");
    return *line == '=' ? line + 1 : NULL;
}

gchar *
gvir_sandbox_git_parse_worktree(const gchar *data, gsize length)
{
    g_autofree gchar *text = NULL;
    g_autofree gchar *worktree = NULL;
    g_auto(GStrv) lines = NULL;
    gboolean in_core = FALSE;

    if (memchr(data, '\0', length))
        return NULL;
    text = g_strndup(data, length);
    lines = g_strsplit(text, "\n", -1);
    for (gsize i = 0; lines[i]; i++) {
        const gchar *line = pass_section(g_strstrip(lines[i]), &in_core);
        const gchar *value = in_core ? pass_name(line) : NULL;

        if (!value)
            continue;
        g_free(worktree);
        worktree = parse_value(value);
        if (!worktree || !is_path(worktree))
            return NULL;
    }
    return g_steal_pointer(&worktree);
}
