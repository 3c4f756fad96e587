/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "tests/unit/saved-text.h"

#include <string.h>

GVirSandboxConfig *
saved_text_load(const gchar *text)
{
    g_autoptr(GError) error = NULL;
    GVirSandboxConfig *config = gvir_sandbox_config_load_from_data(text, &error);

    g_assert_no_error(error);
    g_assert_nonnull(config);
    return config;
}

void
assert_one_clear_error(GError *error, gint code)
{
    g_assert_error(error, GVIR_SANDBOX_ERROR, code);
    g_assert_true(g_utf8_validate(error->message, -1, NULL));
    for (const gchar *at = error->message; *at; at = g_utf8_next_char(at))
        g_assert_false(g_unichar_iscntrl(g_utf8_get_char(at)));
    g_error_free(error);
}

void
assert_invalid(GError *error, const gchar *message)
{
    g_assert_nonnull(error);
    g_assert_cmpstr(error->message, ==, message);
    assert_one_clear_error(error, GVIR_SANDBOX_ERROR_INVALID);
}

void
saved_text_refuse(const gchar *text, const gchar *message)
{
    GError *error = NULL;

    g_assert_null(gvir_sandbox_config_load_from_data(text, &error));
    assert_invalid(error, message);
}

gchar *
saved_text_round_trip(GVirSandboxConfig *config)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVirSandboxConfig) loaded = NULL;
    g_autofree gchar *saved = gvir_sandbox_config_save_to_data(config, &error);
    g_autofree gchar *again = NULL;

    g_assert_no_error(error);
    loaded = saved_text_load(saved);
    g_assert_true(G_OBJECT_TYPE(loaded) == G_OBJECT_TYPE(config));
    again = gvir_sandbox_config_save_to_data(loaded, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(saved, ==, again);
    return g_steal_pointer(&saved);
}
