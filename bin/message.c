/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "message.h"

#include <stdio.h>

static gchar *last;

static void
say(gchar *text)
{
    g_strdelimit(text, "\r\n", ' ');
    fprintf(stderr, "virt-sandbox: %s\n", text);
}

void
message(const gchar *format, ...)
{
    va_list args;

    g_free(last);
    va_start(args, format);
    last = g_strdup_vprintf(format, args);
    va_end(args);
    say(last);
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
        g_autofree gchar *line = g_strdup(text);

        say(line);
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
