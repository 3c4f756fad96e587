/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What the owner of a state directory left when it was killed. */

/* Kills the machines whose files are below @path, and waits until they are gone, a second at the most. */
void gvir_sandbox_leftover_end_processes(const gchar *path);

/* The same for those that libvirt's driver in @root asks what they can do, and for no machine of it. */
void gvir_sandbox_leftover_end_probes(const gchar *root);

/* Removes the directory and all in it, without following a symbolic link or crossing into a mount. */
void gvir_sandbox_leftover_remove(const gchar *path);

/* Whether libvirt has a container of that name, ours or not. */
gboolean gvir_sandbox_leftover_container_runs(const gchar *name);

/* Removes what libvirt's LXC driver leaves of every container that has ended: empty directories, a socket. */
void gvir_sandbox_leftover_clear_container(const gchar *name);
