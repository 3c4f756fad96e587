/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The first root of a machine: file systems of the kernel, and modules. */

struct settings;

void first_root_mount(void);
void modules_load(const struct settings *settings);
/* Loads the modules for a type of file system, in a machine. */
void modules_load_for_filesystem(const struct settings *settings, const char *type);
void first_root_clear(const struct settings *settings);
