/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How many processes there can be. */

struct settings;

void processes_limit(const struct settings *settings);
/* To be called when all processes are dead. */
void processes_remove_group(void);
