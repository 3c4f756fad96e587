/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * Where the time of a run goes: with G_MESSAGES_DEBUG=libvirt-sandbox-moments a line each, with the
 * microseconds of the host's wall clock or of the guest's own. tests/bench/moments makes a table of them.
 */

gboolean gvir_sandbox_moments_are_wanted(void);

/* @name: what has just been done. */
void gvir_sandbox_moment_passed(const gchar *name);

/* The same in the guest, at @microseconds of its clock. */
void gvir_sandbox_moment_passed_in_guest(const gchar *name, guint64 microseconds);
