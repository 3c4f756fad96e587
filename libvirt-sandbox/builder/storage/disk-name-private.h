/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The name of the disk with that number, as libvirt wants it: "vda" … "vdz", "vdaa" … with @prefix "vd". */
gchar *gvir_sandbox_disk_name(const gchar *prefix, guint number);
