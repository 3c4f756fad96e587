/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What stays visible of a directory that is covered. */

/* Takes what is at @paths below the directory @target, before it is covered; NULL: nothing. */
GPtrArray *keep_take(int target, GPtrArray *paths);
/* Makes the places for it in the directory @name of @covers. FALSE and errno. */
gboolean keep_make_places(int covers, const gchar *name, GPtrArray *kept);
/* Puts it there, in the mount of that directory, which is attached. FALSE and errno. */
gboolean keep_attach(int cover, GPtrArray *kept);
