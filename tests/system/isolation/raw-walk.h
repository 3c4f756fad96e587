/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Whether QEMU itself leads from the root of a tag along @path: by its components, or as one name that has
 * slashes in it. "there", "root", or what came instead. */
const char *raw_walk(const char *tag, const char *path, int as_one_name);
