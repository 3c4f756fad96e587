/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Whether the running kernel can mount a file system of @type now, or has a module for it. */
gboolean gvir_sandbox_host_has_file_system(const gchar *type);
