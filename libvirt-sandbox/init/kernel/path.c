/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/kernel/path.h"

#include <stddef.h>
#include <string.h>

int
path_depth(const char *path)
{
    int depth = 0;

    while (*(path += strspn(path, "/"))) {
        path += strcspn(path, "/");
        depth++;
    }
    return depth;
}

bool
path_is_same(const char *a, const char *b)
{
    for (;;) {
        size_t length;

        a += strspn(a, "/");
        b += strspn(b, "/");
        length = strcspn(a, "/");
        if (length != strcspn(b, "/") || strncmp(a, b, length) != 0) {
            return false;
        }
        if (length == 0) {
            return true;
        }
        a += length;
        b += length;
    }
}
