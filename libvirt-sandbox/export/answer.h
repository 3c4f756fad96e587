/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* How libvirt-sandbox-export ends without the trees: with a line to the process that asked for them. */

/* Answers with the reason, and ends this process. */
G_NORETURN void export_fail(const gchar *format, ...) G_GNUC_PRINTF(1, 2);
/* The same for what this host does not allow at all. */
G_NORETURN void export_refuse(const gchar *format, ...) G_GNUC_PRINTF(1, 2);
