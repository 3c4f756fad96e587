/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The filter of system calls. */

#include <stdbool.h>

struct settings;
struct sock_fprog;

/* False and errno if the filter of the manifest cannot be one. */
bool filter_make(const struct settings *settings, struct sock_fprog *filter);
bool filter_apply(const struct settings *settings);
