/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The exit statuses that are ours and not the program's. */
enum {
    STATUS_TIMEOUT = 124,
    STATUS_BROKEN = 125,
    STATUS_NOT_FOUND = 127, /* and 126 for what is there and cannot be executed */
};

/* @text as one line in which a terminal finds nothing to obey. */
gchar *message_line(const gchar *text);
/* One line on standard error: "virt-sandbox: …". From any thread, and never waits for who reads it. */
void message(const gchar *format, ...) G_GNUC_PRINTF(1, 2);

/* From here on, what the library logs of its work is said as such lines, if @verbose. Once only. */
void message_show_log(gboolean verbose);
