/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "message.h"

#include <stdio.h>

void
message(const gchar *format, ...)
{
    g_autofree gchar *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);

    g_strdelimit(text, "\r\n", ' ');
    fprintf(stderr, "virt-sandbox: %s\n", text);
}
