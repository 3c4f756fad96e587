/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Makes the library, libvirt-glib and libvirt ready, which is done once. */
gboolean gvir_sandbox_make_ready(int *argc, char ***argv, GError **error);
