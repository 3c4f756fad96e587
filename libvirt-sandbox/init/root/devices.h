/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* /dev */

struct settings;

void devices_mount(const struct settings *settings);
/* The descriptor stays open. */
int devices_directory(void);
int devices_open_null(void);
int devices_open_terminal(void);
