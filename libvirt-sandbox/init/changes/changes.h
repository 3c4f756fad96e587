/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The report, at the end, of what changed in the overlay. */

struct settings;

void changes_prepare(const struct settings *settings);
void changes_start(const struct settings *settings);
