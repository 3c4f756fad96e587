/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * The words of a command line before they are parsed. An option whose value may be left out has one only
 * after
 * "=", so that the word behind it is never taken for it. What is an option of podman or bwrap and means
 * something else here, or nothing, is refused in a line that names ours.
 *
 * @words begin behind the name of the program; up to COMMAND they are options of @entries. Free the result
 * with g_strfreev(); NULL with @error.
 */
gchar **option_words_prepare(gchar **words, const GOptionEntry *entries, GError **error);

/* Stands behind an option that is without its value. An entry of this name takes it, and does nothing. */
#define OPTION_WORDS_NO_VALUE "no-value"
