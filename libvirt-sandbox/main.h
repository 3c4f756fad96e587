/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

void gvir_sandbox_init(int *argc, char ***argv);
gboolean gvir_sandbox_init_check(int *argc, char ***argv, GError **error);

G_END_DECLS
