/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The reason for which QEMU ended, in one line for people, out of a message of libvirt's that has all that
 * QEMU printed: its command line, warnings and the reason. NULL where there is none of QEMU's. */
gchar *gvir_sandbox_qemu_reason(const gchar *message);
