/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bin/options/options.h"

/* What the options describe, from a saved description on where they name one. */
GVirSandboxConfigInteractive *options_make_config(const Options *options, GError **error);
