/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ending.h"
#include "options.h"

/* Runs the sandbox from start to end with our standard streams. FALSE with @error if it cannot try to. */
gboolean run_sandbox(GVirConnection *connection, GVirSandboxConfigInteractive *config, const Options *options,
                     Ending *ending, GError **error);
