/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/export/request.h"

/* Where the trees are made, and who may see them. */

void namespace_enter(void);
/* Makes the new file system @base the root of this process, and detaches everything else. */
void namespace_change_root(const gchar *base);
/* Becomes the user of the request. From then on every mount is locked where it is. */
void namespace_lock(const ExportRequest *request);
