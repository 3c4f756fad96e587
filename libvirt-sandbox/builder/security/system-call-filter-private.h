/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Writes the filter of a container's program to @path, which must not exist: an array of struct sock_filter,
 * as the kernel takes it. */
gboolean gvir_sandbox_system_call_filter_write(const gchar *path, gboolean privileged, GError **error);
