/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The architecture of this host, as uname -m prints it. */
gchar *gvir_sandbox_host_arch(void);
