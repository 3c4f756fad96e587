/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * libvirt daemonizes QEMU and waits for its end, but the host's process 1 may be slow to reap it. So it
 * becomes a child of ours, and so does a QEMU that is asked what it can do; from here on only, so that what is
 * started before is nobody's business but libvirt's.
 */
void reaper_start(void);

/* From now on waits for the machine's process alone, until that ends; 0: there is none of ours. */
void reaper_watch(guint process);
