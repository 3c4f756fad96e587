/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * Who has no home at all has the root for one. To be called before anything asks GLib for it, libvirt for example, as
 * GLib would warn on standard error.
 */
void gvir_sandbox_user_places_settle_home(void);

/*
 * An ordinary user's home and runtime directory are where libvirt's embedded driver, and we, keep what we learnt and
 * what runs. A service account, a user that the host has no name for, or one that took over another's environment has
 * none that he can use. Then they are in our own state directory: with GLib for the whole process, as it has each of
 * these places once. Those that can be used stay as they are, as does a cache that XDG_CACHE_HOME names.
 *
 * To be called before anything asks GLib for them. FALSE with @error if there is no state directory either.
 */
gboolean gvir_sandbox_user_places_settle(GError **error);
