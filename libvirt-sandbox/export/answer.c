/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/export/answer.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static G_NORETURN void answer_and_end(const gchar *word, const gchar *format, va_list arguments) G_GNUC_PRINTF(2, 0);

static void
answer_and_end(const gchar *word, const gchar *format, va_list arguments)
{
    g_autofree gchar *text = g_strdup_vprintf(format, arguments);
    g_autofree gchar *line = NULL;

    g_strdelimit(text, "\n", ' ');
    line = g_strdup_printf("%s %s\n", word, text);
    _exit(write(STDIN_FILENO, line, strlen(line)) < 0 ? 2 : 1);
}

void
export_fail(const gchar *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    answer_and_end("error", format, arguments);
}

void
export_refuse(const gchar *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    answer_and_end("refused", format, arguments);
}
