/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * The border of the library: whatever GLib, libvirt-glib or a builder of somebody else says, a public function says
 * it in our domain. Only G_IO_ERROR_CANCELLED stays as it is, which callers of asynchronous functions look for.
 */

/* Begins each public function that has @error: what that is set to is converted when the function returns. */
#define GVIR_SANDBOX_BORDER(error)                                                                                     \
    G_GNUC_UNUSED __attribute__((cleanup(gvir_sandbox_border_leave))) GError **error##_at_border = (error)

/* Replaces an error of another domain by one of ours with the same message and the code that is nearest to its own. */
void gvir_sandbox_border_convert(GError **error);

/* For the macro. */
void gvir_sandbox_border_leave(GError ***error);
