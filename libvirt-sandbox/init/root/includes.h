/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Copies of host files in temporary mounts. */

#include <stdbool.h>

struct settings;

bool includes_exist(const struct settings *settings, const char *target);
void includes_copy(const struct settings *settings, const char *target, int mount);
