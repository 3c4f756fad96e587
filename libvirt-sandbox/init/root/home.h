/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A home directory in memory. */

struct settings;

/* The options of its tmpfs. */
char *home_options(const struct settings *settings);
/* Attaches @mount to the home directory @path, with the toolchains of the one that it covers. */
void home_attach(const struct settings *settings, int mount, const char *path);
void home_make_runtime_directory(const struct settings *settings, int run);
