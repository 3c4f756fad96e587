/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The program's /proc, protected before it is in the root, so that what is bound from it is protected too. */

struct settings;

void procfs_mount(const struct settings *settings);
