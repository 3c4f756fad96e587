/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bin/options/options.h"

/* Prints what this host has of what the sandbox needs, a line each; the exit status of virt-sandbox. */
int validate_host(const Options *options, GVirSandboxConfigInteractive *config);
