/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The program's block devices, by their tags. */

struct settings;

void disks_make(const struct settings *settings);
void disks_write_back(void);
