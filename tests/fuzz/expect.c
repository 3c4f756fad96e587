/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "expect.h"

#include "libvirt-sandbox/error.h"

#include <string.h>

/* A message repeats at most a few values, each cut where it gets long. */
#define MESSAGE_MAX 4096

void
expect_clear_error(const GError *error)
{
    g_assert_nonnull(error);
    g_assert_true(error->domain == GVIR_SANDBOX_ERROR);
    g_assert_cmpuint(strlen(error->message), >, 0);
    g_assert_cmpuint(strlen(error->message), <, MESSAGE_MAX);
    g_assert_true(g_utf8_validate(error->message, -1, NULL));
    for (const gchar *at = error->message; *at; at = g_utf8_next_char(at))
        g_assert_false(g_unichar_iscntrl(g_utf8_get_char(at)));
}

void
expect_saves_the_same(GVirSandboxConfig *config)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVirSandboxConfig) loaded = NULL;
    g_autofree gchar *saved = gvir_sandbox_config_save_to_data(config, &error);
    g_autofree gchar *again = NULL;

    if (!saved) {
        expect_clear_error(error);
        g_assert_nonnull(strstr(error->message, "saved"));
        return;
    }
    loaded = gvir_sandbox_config_load_from_data(saved, &error);
    g_assert_no_error(error);
    again = gvir_sandbox_config_save_to_data(loaded, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(saved, ==, again);
}
