/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Private directories, and the mounts of the manifest. */

#include <stdbool.h>

struct settings;

/* To be called first, while nothing is mounted on the root yet. */
void mounts_plan(const struct settings *settings);
void mounts_mount(const struct settings *settings);
/* Writes everything back to the host before the host learns of the end; fails if that is not possible. */
void mounts_write_back(bool machine);
