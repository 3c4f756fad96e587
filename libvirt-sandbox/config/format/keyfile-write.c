/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/format/keyfile-private.h"

#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

#include <string.h>

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
