/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bin/ending.h"

#include <libvirt-sandbox/libvirt-sandbox.h>

/* What becomes of the sandbox, as JSON lines on a descriptor, for a program that drives us. Without one, nothing. */

/* FALSE with @error if @text is no descriptor that our caller has open for writing. */
gboolean status_open(const gchar *text, GError **error);
/* The sandbox runs; its program is started next. */
void status_started(GVirSandboxContext *context);
/* The last line: how we end: with the status of the program, unless a failure has its place. */
void status_ended(const Ending *ending);
