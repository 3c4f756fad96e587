/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* How a machine's kernel is told to boot. @emulated: without hardware virtualization, where time is dear. */
gchar *gvir_sandbox_kernel_command_line(const gchar *arch, gboolean debug, gboolean emulated);
