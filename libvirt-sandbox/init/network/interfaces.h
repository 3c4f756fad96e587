/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The network as the manifest describes it; needs no program of the root. */

struct settings;

void interfaces_start(const struct settings *settings);
