/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Where mounts are put together before they are in the program's root; -1 and errno. */

int stage_attach(int mount, const char *name);
int stage_detach(const char *name);
