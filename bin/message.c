/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "message.h"

#include "visible.h"

#include <stdio.h>

static gchar *last;

gchar *
message_line(const gchar *text)
{
    g_autofree gchar *joined = g_strdelimit(g_strdup(text), "\r\n", ' ');
    GString *line = g_string_new(NULL);

    visible_append(line, joined, '\0');
    return g_string_free(line, FALSE);
}

void
message(const gchar *format, ...)
{
    g_autofree gchar *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_free(last);
    last = message_line(text);
    fprintf(stderr, "virt-sandbox: %s\n", last);
}

const gchar *
message_last(void)
{
    return last;
}

static const gchar *
field_of(const GLogField *fields, gsize count, const gchar *key)
{
    for (gsize i = 0; i < count; i++) {
        if (g_str_equal(fields[i].key, key) && fields[i].length < 0)
            return fields[i].value;
    }
    return NULL;
}

/* What the library tells of its work is for people, like all else we say. */
static GLogWriterOutput
write_log(GLogLevelFlags level, const GLogField *fields, gsize count, gpointer user_data)
{
    const gboolean *verbose = user_data;
    const gchar *text = field_of(fields, count, "MESSAGE");

    if ((level & (G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG)) == 0 || !text ||
        g_strcmp0(field_of(fields, count, "GLIB_DOMAIN"), G_LOG_DOMAIN) != 0)
        return g_log_writer_default(level, fields, count, NULL);
    if (*verbose) {
        g_autofree gchar *line = message_line(text);

        fprintf(stderr, "virt-sandbox: %s\n", line);
    }
    return G_LOG_WRITER_HANDLED;
}

void
message_show_log(gboolean verbose)
{
    static gboolean show;

    show = verbose;
    /* Standard output is the program's alone. */
    g_log_writer_default_set_use_stderr(TRUE);
    g_log_set_writer_func(write_log, &show, NULL);
}
