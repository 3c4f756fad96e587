/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The program's /sys, protected before it is in the root, so that what is bound from it is protected too. */

struct settings;

void sysfs_mount(const struct settings *settings);
