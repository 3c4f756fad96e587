/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The user, groups and capabilities of the program. */

struct settings;

/* To be called in the child; returns the name of what failed, with errno, or NULL. */
const char *identity_enter(const struct settings *settings);
