/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/format/keyfile-private.h"

#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/util/error-private.h"
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

/*
 * Checks the lines of a key file, for what GKeyFile would accept without a word or refuse without
 * saying where: text that is none, lines without end, groups and keys that come twice.
 */
static gboolean
check_lines(const gchar *data, gsize length, GError **error)
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

struct _GVirSandboxKeyfile {
    GKeyFile *file;
    /* "GROUP" and "GROUP\nKEY" of what was read. */
    GHashTable *seen;
};

GVirSandboxKeyfile *
gvir_sandbox_keyfile_new(const gchar *data, gsize length, GError **error)
{
    g_autoptr(GVirSandboxKeyfile) file = NULL;
    g_autoptr(GError) reason = NULL;

    if (!check_lines(data, length, error))
        return NULL;
    file = g_new0(GVirSandboxKeyfile, 1);
    file->file = g_key_file_new();
    file->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (length > 0 && !g_key_file_load_from_data(file->file, data, length, G_KEY_FILE_KEEP_TRANSLATIONS, &reason)) {
        g_autofree gchar *shown = gvir_sandbox_text_show(reason->message);

        gvir_sandbox_text_invalid(error, "%s", shown);
        return NULL;
    }
    return g_steal_pointer(&file);
}

void
gvir_sandbox_keyfile_free(GVirSandboxKeyfile *file)
{
    g_key_file_unref(file->file);
    g_hash_table_unref(file->seen);
    g_free(file);
}

gboolean
gvir_sandbox_keyfile_has_group(GVirSandboxKeyfile *file, const gchar *group)
{
    if (!g_key_file_has_group(file->file, group))
        return FALSE;
    g_hash_table_add(file->seen, g_strdup(group));
    return TRUE;
}

gchar *
gvir_sandbox_keyfile_numbered_group(GVirSandboxKeyfile *file, const gchar *stem, guint index)
{
    g_autofree gchar *group = g_strdup_printf("%s.%u", stem, index);

    return gvir_sandbox_keyfile_has_group(file, group) ? g_steal_pointer(&group) : NULL;
}

gboolean
gvir_sandbox_keyfile_has_key(GVirSandboxKeyfile *file, const gchar *group, const gchar *key)
{
    if (!gvir_sandbox_keyfile_has_group(file, group) || !g_key_file_has_key(file->file, group, key, NULL))
        return FALSE;
    g_hash_table_add(file->seen, g_strdup_printf("%s\n%s", group, key));
    return TRUE;
}

gboolean
gvir_sandbox_keyfile_prefix(GError **error, const gchar *group)
{
    return gvir_sandbox_error_prefix(error, "[%s]", group);
}

gboolean
gvir_sandbox_keyfile_require(GVirSandboxKeyfile *file, const gchar *group, const gchar *key, GError **error)
{
    if (gvir_sandbox_keyfile_has_key(file, group, key))
        return TRUE;
    return gvir_sandbox_text_invalid(error, _("[%s]: %s is missing"), group, key);
}

gboolean
gvir_sandbox_keyfile_read_string(GVirSandboxKeyfile *file, const gchar *group, const gchar *key, gchar **value,
                                 GError **error)
{
    g_autoptr(GError) reason = NULL;
    gchar *text;

    if (!gvir_sandbox_keyfile_has_key(file, group, key))
        return TRUE;
    /* Of a wrong escape there is an error and a text, too; of the bytes themselves all is known to be right. */
    text = g_key_file_get_string(file->file, group, key, &reason);
    if (reason) {
        g_autofree gchar *raw = g_key_file_get_value(file->file, group, key, NULL);
        g_autofree gchar *shown = gvir_sandbox_text_show(raw);

        g_free(text);
        return gvir_sandbox_text_invalid(
            error, _("[%s] %s: \"%s\" has a backslash with none of s, n, t, r and a backslash behind it"), group, key,
            shown);
    }
    g_free(*value);
    *value = text;
    return TRUE;
}

/* The text of a value that is no string, NULL if it is not there. */
static gchar *
read_word(GVirSandboxKeyfile *file, const gchar *group, const gchar *key)
{
    gchar *word =
        gvir_sandbox_keyfile_has_key(file, group, key) ? g_key_file_get_value(file->file, group, key, NULL) : NULL;

    return word ? g_strchomp(word) : NULL;
}

gboolean
gvir_sandbox_keyfile_read_boolean(GVirSandboxKeyfile *file, const gchar *group, const gchar *key, gboolean *value,
                                  GError **error)
{
    g_autofree gchar *word = read_word(file, group, key);
    g_autofree gchar *shown = NULL;

    if (!word)
        return TRUE;
    if (g_str_equal(word, "true") || g_str_equal(word, "1")) {
        *value = TRUE;
        return TRUE;
    }
    if (g_str_equal(word, "false") || g_str_equal(word, "0")) {
        *value = FALSE;
        return TRUE;
    }
    shown = gvir_sandbox_text_show(word);
    return gvir_sandbox_text_invalid(error, _("[%s] %s: \"%s\" is neither true nor false"), group, key, shown);
}

gboolean
gvir_sandbox_keyfile_read_number(GVirSandboxKeyfile *file, const gchar *group, const gchar *key, guint64 maximum,
                                 guint64 *value, GError **error)
{
    g_autofree gchar *word = read_word(file, group, key);

    if (!word || gvir_sandbox_value_to_number(key, word, maximum, value, error))
        return TRUE;
    g_prefix_error(error, "[%s] ", group);
    return FALSE;
}

gboolean
gvir_sandbox_keyfile_read_uint(GVirSandboxKeyfile *file, const gchar *group, const gchar *key, guint *value,
                               GError **error)
{
    guint64 number = *value;

    if (!gvir_sandbox_keyfile_read_number(file, group, key, G_MAXUINT, &number, error))
        return FALSE;
    *value = (guint)number;
    return TRUE;
}

gboolean
gvir_sandbox_keyfile_read_enum(GVirSandboxKeyfile *file, const gchar *group, const gchar *key, GType type, gint *value,
                               GError **error)
{
    g_autofree gchar *word = read_word(file, group, key);

    if (!word || gvir_sandbox_value_to_enum(key, word, type, value, error))
        return TRUE;
    g_prefix_error(error, "[%s] ", group);
    return FALSE;
}

/* Splits "mount.12" into "mount" and 12; FALSE if NAME is not of that form, or of no numbered kind. */
static gboolean
split_numbered(const gchar *name, gchar **stem, guint64 *number)
{
    static const gchar *const kinds[] = { "mount", "env",    "disk", "network", "include", "address",
                                          "route", "filter", "argv", "hide",    NULL };
    const gchar *dot = strrchr(name, '.');
    g_autofree gchar *before = dot ? g_strndup(name, (gsize)(dot - name)) : NULL;
    const gchar *kind;

    if (!before || !g_ascii_string_to_unsigned(dot + 1, 10, 0, G_MAXUINT, number, NULL))
        return FALSE;
    kind = strrchr(before, '.');
    if (!g_strv_contains(kinds, kind ? kind + 1 : before))
        return FALSE;
    *stem = g_steal_pointer(&before);
    return TRUE;
}

static gboolean
refuse_group(GVirSandboxKeyfile *file, const gchar *group, GError **error)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(group);
    g_autofree gchar *stem = NULL;
    g_autofree gchar *previous = NULL;
    guint64 number;

    if (split_numbered(group, &stem, &number) && number > 0) {
        previous = g_strdup_printf("%s.%" G_GUINT64_FORMAT, stem, number - 1);
        if (!g_key_file_has_group(file->file, previous))
            return gvir_sandbox_text_invalid(error, _("[%s]: there is no [%s] before it"), shown, previous);
    }
    return gvir_sandbox_text_invalid(error, _("[%s]: unknown group"), shown);
}

static gboolean
refuse_key(GVirSandboxKeyfile *file, const gchar *group, const gchar *key, GError **error)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(key);
    g_autofree gchar *stem = NULL;
    g_autofree gchar *previous = NULL;
    guint64 number;

    if (split_numbered(key, &stem, &number) && number > 0) {
        previous = g_strdup_printf("%s.%" G_GUINT64_FORMAT, stem, number - 1);
        if (!g_key_file_has_key(file->file, group, previous, NULL))
            return gvir_sandbox_text_invalid(error, _("[%s] %s: there is no %s before it"), group, shown, previous);
    }
    return gvir_sandbox_text_invalid(error, _("[%s] %s: unknown key"), group, shown);
}

static void
add_unread_keys(GVirSandboxKeyfile *file, const gchar *group, GPtrArray *unread)
{
    g_auto(GStrv) keys = g_key_file_get_keys(file->file, group, NULL, NULL);

    for (gsize i = 0; keys && keys[i]; i++) {
        g_autofree gchar *name = g_strdup_printf("%s\n%s", group, keys[i]);

        if (!g_hash_table_contains(file->seen, name))
            g_ptr_array_add(unread, g_steal_pointer(&name));
    }
}

/* "GROUP", or "GROUP\nKEY" of a group that is known. */
static GPtrArray *
find_unread(GVirSandboxKeyfile *file)
{
    GPtrArray *unread = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) groups = g_key_file_get_groups(file->file, NULL);

    for (gsize i = 0; groups[i]; i++) {
        if (g_hash_table_contains(file->seen, groups[i]))
            add_unread_keys(file, groups[i], unread);
        else
            g_ptr_array_add(unread, g_strdup(groups[i]));
    }
    return unread;
}

gboolean
gvir_sandbox_keyfile_finish(GVirSandboxKeyfile *file, GError **error)
{
    g_autoptr(GPtrArray) unread = find_unread(file);
    g_auto(GStrv) first = NULL;

    if (unread->len == 0)
        return TRUE;
    first = g_strsplit(unread->pdata[0], "\n", 2);
    return first[1] ? refuse_key(file, first[0], first[1], error) : refuse_group(file, first[0], error);
}

GStrv
gvir_sandbox_keyfile_list_unread(GVirSandboxKeyfile *file)
{
    g_autoptr(GPtrArray) unread = find_unread(file);
    g_autoptr(GStrvBuilder) list = g_strv_builder_new();

    for (guint i = 0; i < unread->len; i++) {
        g_auto(GStrv) parts = g_strsplit(unread->pdata[i], "\n", 2);
        g_autofree gchar *group = gvir_sandbox_text_show(parts[0]);
        g_autofree gchar *key = parts[1] ? gvir_sandbox_text_show(parts[1]) : NULL;
        g_autofree gchar *name = g_strdup_printf("[%s]%s%s", group, key ? " " : "", key ? key : "");

        g_strv_builder_add(list, name);
    }
    return g_strv_builder_end(list);
}

void
gvir_sandbox_keyfile_write_string(GKeyFile *file, const gchar *group, const gchar *key, const gchar *value)
{
    if (value)
        g_key_file_set_string(file, group, key, value);
}

void
gvir_sandbox_keyfile_write_enum(GKeyFile *file, const gchar *group, const gchar *key, GType type, gint value)
{
    gvir_sandbox_keyfile_write_string(file, group, key, gvir_sandbox_value_from_enum(type, value));
}

/* The format has no escape for every byte, so some values would not come back as they are. */
static gboolean
check_value(const gchar *group, const gchar *key, const gchar *value, GError **error)
{
    if (strlen(key) + 1 + strlen(value) > GVIR_SANDBOX_KEYFILE_MAXIMUM_LINE)
        return gvir_sandbox_text_invalid(error, _("[%s] %s: too long to be saved"), group, key);
    if (!g_utf8_validate(value, -1, NULL))
        return gvir_sandbox_text_invalid(error, _("[%s] %s: cannot be saved, it is not valid UTF-8 text"), group, key);
    if (g_ascii_isspace(*value))
        return gvir_sandbox_text_invalid(error, _("[%s] %s: cannot be saved, it starts with a form feed"), group, key);
    return TRUE;
}

gchar *
gvir_sandbox_keyfile_to_data(GKeyFile *file, GError **error)
{
    g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
    g_autofree gchar *data = NULL;
    gsize length;

    for (gsize i = 0; groups[i]; i++) {
        g_auto(GStrv) keys = g_key_file_get_keys(file, groups[i], NULL, NULL);

        for (gsize j = 0; keys && keys[j]; j++) {
            g_autofree gchar *value = g_key_file_get_value(file, groups[i], keys[j], NULL);

            if (!check_value(groups[i], keys[j], value, error))
                return NULL;
        }
    }
    data = g_key_file_to_data(file, &length, NULL);
    if (length > GVIR_SANDBOX_KEYFILE_MAXIMUM_SIZE) {
        gvir_sandbox_text_invalid(error, _("the description is larger than %d bytes"),
                                  GVIR_SANDBOX_KEYFILE_MAXIMUM_SIZE);
        return NULL;
    }
    return g_steal_pointer(&data);
}
