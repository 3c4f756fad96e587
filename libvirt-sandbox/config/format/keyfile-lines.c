/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/format/keyfile-lines-private.h"

#include "libvirt-sandbox/config/format/keyfile-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

#include <string.h>

typedef struct {
    guint number;
    gchar *group;
    GHashTable *groups;
    GHashTable *keys;
} Lines;

static void
lines_clear(Lines *lines)
{
    g_free(lines->group);
    g_hash_table_unref(lines->groups);
    g_hash_table_unref(lines->keys);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Lines, lines_clear)

/* "line 7 in [core]: " before the reason. */
static gboolean
refuse(Lines *lines, GError **error, const gchar *reason)
{
    g_autofree gchar *group = gvir_sandbox_text_show(lines->group);

    if (lines->group)
        return gvir_sandbox_text_invalid(error, _("line %u in [%s]: %s"), lines->number, group, reason);
    return gvir_sandbox_text_invalid(error, _("line %u: %s"), lines->number, reason);
}

static gboolean
check_group(Lines *lines, const gchar *line, GError **error)
{
    const gchar *end = strchr(line, ']');
    g_autofree gchar *shown = gvir_sandbox_text_show(line);
    g_autofree gchar *reason = NULL;

    if (!end || end[1 + strspn(end + 1, " \t\f")]) {
        reason = g_strdup_printf(_("\"%s\" is not a group: expected [NAME]"), shown);
        return refuse(lines, error, reason);
    }
    g_clear_pointer(&lines->group, g_free);
    lines->group = g_strndup(line + 1, (gsize)(end - line - 1));
    g_hash_table_remove_all(lines->keys);
    if (!g_hash_table_add(lines->groups, g_strdup(lines->group)))
        return refuse(lines, error, _("the group is there twice"));
    return TRUE;
}

static gboolean
check_key(Lines *lines, const gchar *line, GError **error)
{
    const gchar *equals = strchr(line, '=');
    g_autofree gchar *shown = NULL;
    g_autofree gchar *reason = NULL;
    g_autofree gchar *key = NULL;

    if (!equals || equals == line) {
        shown = gvir_sandbox_text_show(line);
        reason = g_strdup_printf(_("\"%s\" is not a setting: expected KEY=VALUE"), shown);
        return refuse(lines, error, reason);
    }
    if (!lines->group)
        return refuse(lines, error, _("a setting without a [group] before it"));
    key = g_strchomp(g_strndup(line, (gsize)(equals - line)));
    if (g_hash_table_contains(lines->keys, key)) {
        shown = gvir_sandbox_text_show(key);
        reason = g_strdup_printf(_("%s is there twice"), shown);
        return refuse(lines, error, reason);
    }
    g_hash_table_add(lines->keys, g_steal_pointer(&key));
    return TRUE;
}

static gboolean
check_line(Lines *lines, const gchar *start, gsize length, GError **error)
{
    g_autofree gchar *line = NULL;
    gchar *text;

    if (length > GVIR_SANDBOX_KEYFILE_MAXIMUM_LINE) {
        g_autofree gchar *reason = g_strdup_printf(_("longer than %d bytes"), GVIR_SANDBOX_KEYFILE_MAXIMUM_LINE);

        return refuse(lines, error, reason);
    }
    if (!g_utf8_validate_len(start, length, NULL))
        return refuse(lines, error, _("not valid UTF-8 text"));
    line = g_strndup(start, length);
    if (g_str_has_suffix(line, "\r"))
        line[length - 1] = '\0';
    text = g_strchug(line);
    if (!*text || *text == '#')
        return TRUE;
    return *text == '[' ? check_group(lines, text, error) : check_key(lines, text, error);
}

gboolean
gvir_sandbox_keyfile_check_lines(const gchar *data, gsize length, GError **error)
{
    g_auto(Lines) lines = {
        .groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
    };
    const gchar *end = data + length;

    while (data < end) {
        const gchar *newline = memchr(data, '\n', (gsize)(end - data));
        gsize line = (gsize)((newline ? newline : end) - data);

        lines.number++;
        if (!check_line(&lines, data, line, error))
            return FALSE;
        data += line + 1;
    }
    return TRUE;
}
