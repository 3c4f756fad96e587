/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* How the kernel of a machine with so many processors is told to boot. @emulated: without hardware
 * virtualization, where time is dear. */
gchar *gvir_sandbox_kernel_command_line(const gchar *arch, guint processors, gboolean debug, gboolean emulated);
