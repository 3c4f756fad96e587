/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/util/visible-private.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

/* A character becomes four, eight at most, and there are a thousand of them. */
#define LINE_MAX_BYTES (1000 * 8 + 3)

static void
expect_line(const guint8 *data, gsize size)
{
    g_autofree guint8 *copy = g_memdup2(data, size);
    g_autofree gchar *line = gvir_sandbox_visible_line((const gchar *)copy, size);
    gsize length = 0;

    g_assert_true(g_utf8_validate(line, -1, NULL));
    for (const gchar *at = line; *at; at = g_utf8_next_char(at)) {
        g_assert_true(g_unichar_isprint(g_utf8_get_char(at)));
        length = (gsize)(g_utf8_next_char(at) - line);
    }
    g_assert_cmpuint(length, <=, LINE_MAX_BYTES);
}

static void
expect_log(const guint8 *data, gsize size)
{
    g_autofree guint8 *copy = g_memdup2(data, size);
    g_autoptr(GByteArray) out = g_byte_array_new();

    gvir_sandbox_visible_append(out, copy, size);
    g_assert_cmpuint(out->len, <=, 4 * size);
    for (guint i = 0; i < out->len; i++)
        g_assert_true(out->data[i] == '\n' || out->data[i] == '\t' || (out->data[i] >= 0x20 && out->data[i] < 0x7f));
}

/* What a guest says and logs, as a terminal is shown it. */
int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    if (size > 0) {
        expect_line(data, size);
        expect_log(data, size);
    }
    return 0;
}
