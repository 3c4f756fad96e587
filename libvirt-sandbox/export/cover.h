/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/export/request.h"

/* What the trees do not show. */

/* Makes the file system of the covers in the directory @base, which is attached. */
void cover_prepare(const gchar *base);
/* Covers, in the tree at @path, all mounts that are not file systems for files, then what @tree names. */
void cover_tree(const ExportTree *tree, const gchar *path);
