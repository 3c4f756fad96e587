/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "options.h"

/* Runs the sandbox from start to end with our standard streams; the exit status of virt-sandbox. */
int run_sandbox(GVirConnection *connection, GVirSandboxConfigInteractive *config, const Options *options);
