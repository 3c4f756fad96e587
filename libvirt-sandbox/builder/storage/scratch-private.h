/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * A directory on disk for what a sandbox needs besides its state directory, which is in memory. A link of
 * one of these names in the state directory leads to it, so that both are removed together; its own name
 * begins with the prefix.
 */
#define GVIR_SANDBOX_SCRATCH_LINK "scratch"
#define GVIR_SANDBOX_SCRATCH_OVERLAY "overlay"
#define GVIR_SANDBOX_SCRATCH_PREFIX "libvirt-sandbox-"

/* In @base, or where temporary files on disk are, which another user must not be able to exchange: DENIED.
 * Nobody but its owner can enter it, and if @gid is not 0 that group. With @descriptor it is open there. */
gchar *gvir_sandbox_scratch_make(const gchar *statedir, const gchar *link_name, const gchar *base, guint gid,
                                 int *descriptor, GError **error);
