/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bin/ending.h"
#include "bin/options/options.h"

/* Runs the sandbox from start to end with our standard streams. FALSE with @error if it cannot try to. */
gboolean run_sandbox(GVirConnection *connection, GVirSandboxConfigInteractive *config, const Options *options,
                     Ending *ending, GError **error);
