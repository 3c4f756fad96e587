/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * Calls @function with @data, and returns what it returns. For root it is called in a thread of its own, whose umask
 * is 022: QEMU's user has to pass through what is made for a machine, by us and by a driver within this process,
 * which under the umask of a hardened host he could not. What only its owner may read is made with such a mode.
 *
 * The caller's umask belongs to all threads of the process, which make files of theirs meanwhile, so that it stays as
 * it is. Threads that are made within have the umask of 022 as well, for as long as they live. The cancellable of the
 * calling thread is that of the other, too. May be called within itself.
 */
gpointer gvir_sandbox_open_umask_call(GThreadFunc function, gpointer data);
/* Runs @served in this thread meanwhile, until nothing is left there, unless it is NULL. */
gpointer gvir_sandbox_open_umask_call_serving(GThreadFunc function, gpointer data, GMainContext *served);
