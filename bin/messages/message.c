/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/messages/message.h"

#include "bin/messages/error-output.h"
#include "bin/messages/visible.h"

gchar *
message_line(const gchar *text)
{
    g_autofree gchar *joined = g_strdelimit(g_strdup(text), "\r\n", ' ');
    GString *line = g_string_new(NULL);

    visible_append(line, joined, '\0');
    return g_string_free(line, FALSE);
}

static void
say(const gchar *text)
{
    g_autofree gchar *line = message_line(text);
    g_autofree gchar *whole = g_strdup_printf("virt-sandbox: %s\n", line);

    error_output_add(whole);
}

void
message(const gchar *format, ...)
{
    g_autofree gchar *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    say(text);
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

/* Of what is the last word of the process nothing waits for a thread. */
static GLogWriterOutput
write_warning(GLogLevelFlags level, const GLogField *fields, gsize count)
{
    g_autofree gchar *text = NULL;
    g_autofree gchar *line = NULL;

    if ((level & (G_LOG_FLAG_FATAL | G_LOG_LEVEL_ERROR)) != 0 || (level & (G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG)) != 0)
        return g_log_writer_default(level, fields, count, NULL);
    text = g_log_writer_format_fields(level, fields, count, FALSE);
    line = g_strconcat(text, "\n", NULL);
    error_output_add(line);
    return G_LOG_WRITER_HANDLED;
}

/* What the library tells of its work is for people, like all else we say. */
static GLogWriterOutput
write_log(GLogLevelFlags level, const GLogField *fields, gsize count, gpointer user_data)
{
    const gboolean *verbose = user_data;
    const gchar *text = field_of(fields, count, "MESSAGE");

    if ((level & (G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG)) == 0 || !text ||
        g_strcmp0(field_of(fields, count, "GLIB_DOMAIN"), G_LOG_DOMAIN) != 0)
        return write_warning(level, fields, count);
    if (*verbose)
        say(text);
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
