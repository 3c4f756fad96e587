/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/format/value-private.h"

#include "libvirt-sandbox/config/format/vdi-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

gboolean
gvir_sandbox_value_check_present(const gchar *what, const gchar *value, GError **error)
{
    if (!value || !*value)
        return gvir_sandbox_text_invalid(error, _("%s: must not be empty"), what);
    return TRUE;
}

gboolean
gvir_sandbox_value_check_path(const gchar *what, const gchar *value, GError **error)
{
    g_autofree gchar *shown = NULL;

    if (!gvir_sandbox_value_check_present(what, value, error))
        return FALSE;
    shown = gvir_sandbox_text_show(value);
    if (*value != '/')
        return gvir_sandbox_text_invalid(error, _("%s: \"%s\" is not an absolute path"), what, shown);
    if (strnlen(value, PATH_MAX) >= PATH_MAX)
        return gvir_sandbox_text_invalid(error, _("%s: \"%s\" is longer than a path can be"), what, shown);
    return TRUE;
}

gboolean
gvir_sandbox_value_check_guest_path(const gchar *what, const gchar *value, GError **error)
{
    g_auto(GStrv) components = NULL;

    if (!gvir_sandbox_value_check_path(what, value, error))
        return FALSE;
    components = g_strsplit(value, "/", -1);
    if (g_strv_contains((const gchar *const *)components, "..")) {
        g_autofree gchar *shown = gvir_sandbox_text_show(value);

        return gvir_sandbox_text_invalid(error, _("%s: \"%s\" must not have a \"..\" in it"), what, shown);
    }
    return TRUE;
}

static gboolean
has_control_character(const gchar *value)
{
    for (; *value; value++) {
        if (g_ascii_iscntrl(*value))
            return TRUE;
    }
    return FALSE;
}

gboolean
gvir_sandbox_value_check_file_name(const gchar *what, const gchar *value, GError **error)
{
    g_autofree gchar *shown = NULL;

    if (!gvir_sandbox_value_check_present(what, value, error))
        return FALSE;
    shown = gvir_sandbox_text_show(value);
    if (strchr(value, '/'))
        return gvir_sandbox_text_invalid(error, _("%s: \"%s\" must not have a slash in it"), what, shown);
    if (g_str_equal(value, ".") || g_str_equal(value, ".."))
        return gvir_sandbox_text_invalid(error, _("%s: \"%s\" is not a valid name"), what, shown);
    if (has_control_character(value))
        return gvir_sandbox_text_invalid(error, _("%s: \"%s\" must not have a control character in it"), what, shown);
    if (strlen(value) > NAME_MAX)
        return gvir_sandbox_text_invalid(error, _("%s: \"%s\" is longer than %d bytes"), what, shown, NAME_MAX);
    return TRUE;
}

gboolean
gvir_sandbox_value_check_prefix(const gchar *what, guint prefix, GInetAddress *address, GError **error)
{
    guint maximum = (guint)g_inet_address_get_native_size(address) * 8;

    if (prefix > maximum)
        return gvir_sandbox_text_invalid(error, _("%s: %u is more than the %u bits of the address"), what, prefix,
                                         maximum);
    return TRUE;
}

gchar *
gvir_sandbox_value_from_address(GInetAddress *address)
{
    return address ? g_inet_address_to_string(address) : NULL;
}

GInetAddress *
gvir_sandbox_value_to_address(const gchar *what, const gchar *text, GError **error)
{
    GInetAddress *address = g_inet_address_new_from_string(text);

    if (!address) {
        g_autofree gchar *shown = gvir_sandbox_text_show(text);

        gvir_sandbox_text_invalid(error, _("%s: \"%s\" is not an IP address"), what, shown);
    }
    return address;
}

gboolean
gvir_sandbox_value_to_number(const gchar *what, const gchar *text, guint64 maximum, guint64 *number, GError **error)
{
    g_autoptr(GError) reason = NULL;
    g_autofree gchar *shown = NULL;

    if (g_ascii_string_to_unsigned(text, 10, 0, maximum, number, &reason))
        return TRUE;
    shown = gvir_sandbox_text_show(text);
    if (g_error_matches(reason, G_NUMBER_PARSER_ERROR, G_NUMBER_PARSER_ERROR_OUT_OF_BOUNDS))
        return gvir_sandbox_text_invalid(error, _("%s: \"%s\" is more than %" G_GUINT64_FORMAT), what, shown, maximum);
    return gvir_sandbox_text_invalid(error, _("%s: \"%s\" is not a number"), what, shown);
}

/* What libvirt knows and libvirt-glib has no name for; NULL: nothing of this type. */
static const GEnumValue *
unnamed_value(GType type)
{
    static const GEnumValue vdi = { GVIR_SANDBOX_IMAGE_FORMAT_VDI, "vdi", "vdi" };

    return type == GVIR_CONFIG_TYPE_DOMAIN_DISK_FORMAT ? &vdi : NULL;
}

static gchar *
list_nicks(GEnumClass *class)
{
    g_autoptr(GPtrArray) nicks = g_ptr_array_new();
    const GEnumValue *unnamed = unnamed_value(G_ENUM_CLASS_TYPE(class));

    for (guint i = 0; i < class->n_values; i++)
        g_ptr_array_add(nicks, (gpointer) class->values[i].value_nick);
    if (unnamed)
        g_ptr_array_add(nicks, (gpointer)unnamed->value_nick);
    g_ptr_array_add(nicks, NULL);
    return g_strjoinv(", ", (gchar **)nicks->pdata);
}

gboolean
gvir_sandbox_value_to_enum(const gchar *what, const gchar *text, GType type, gint *value, GError **error)
{
    g_autoptr(GEnumClass) class = g_type_class_ref(type);
    const GEnumValue *found = g_enum_get_value_by_nick(class, text);
    const GEnumValue *unnamed = unnamed_value(type);

    if (!found && unnamed && g_str_equal(unnamed->value_nick, text))
        found = unnamed;
    if (!found) {
        g_autofree gchar *shown = gvir_sandbox_text_show(text);
        g_autofree gchar *nicks = list_nicks(class);

        return gvir_sandbox_text_invalid(error, _("%s: \"%s\" is not one of %s"), what, shown, nicks);
    }
    *value = found->value;
    return TRUE;
}

const gchar *
gvir_sandbox_value_from_enum(GType type, gint value)
{
    g_autoptr(GEnumClass) class = g_type_class_ref(type);
    const GEnumValue *found = g_enum_get_value(class, value);
    const GEnumValue *unnamed = unnamed_value(type);

    if (!found && unnamed && unnamed->value == value)
        found = unnamed;
    return found ? found->value_nick : NULL;
}

gchar *
gvir_sandbox_value_absolute_path(const gchar *path)
{
    g_autofree gchar *here = NULL;

    if (!*path || g_path_is_absolute(path))
        return g_strdup(path);
    /* Without one, a path that is not absolute is refused later. */
    here = getcwd(NULL, 0);
    return here ? g_canonicalize_filename(path, here) : g_strdup(path);
}

gchar *
gvir_sandbox_value_canonical_path(const gchar *path)
{
    g_auto(GStrv) components = g_strsplit(path, "/", -1);
    GString *canonical = g_string_new(NULL);

    for (gsize i = 0; components[i]; i++) {
        if (*components[i] && !g_str_equal(components[i], "."))
            g_string_append_printf(canonical, "/%s", components[i]);
    }
    if (canonical->len == 0)
        g_string_append_c(canonical, '/');
    return g_string_free(canonical, FALSE);
}

gboolean
gvir_sandbox_value_path_is_below(const gchar *path, const gchar *directory, const gchar **rest)
{
    gsize length = g_str_equal(directory, "/") ? 0 : strlen(directory);

    if (strncmp(path, directory, length) != 0 || (path[length] != '/' && path[length]))
        return FALSE;
    if (rest)
        *rest = path + length;
    return TRUE;
}
