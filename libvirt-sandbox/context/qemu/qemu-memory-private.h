/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Bounds the memory of the QEMU @pid, a moment after its start, to what it has now and as much as its devices may
 * ever need for their requests. Where that is not permitted, it stays as it is. */
void gvir_sandbox_qemu_memory_bound(guint pid);
