/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A shell on a console, with no more rights than the program. */

#include <sys/types.h>

struct settings;

void shell_prepare(const struct settings *settings);
void shell_start(const struct settings *settings);
/* Starts the shell again if @pid was the shell. */
void shell_reaped(const struct settings *settings, pid_t pid);
