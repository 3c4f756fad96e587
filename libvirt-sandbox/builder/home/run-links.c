/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/home/run-links-private.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

/* NixOS and Guix System. What else they have in /run is made while they run, or for set-user-ID programs,
 * which a sandbox does not have. */
static const gchar *const names[] = { "booted-system", "current-system", "opengl-driver", "opengl-driver-32" };

static void
link_free(gpointer data)
{
    GVirSandboxRunLink *link = data;

    g_free(link->target);
    g_free(link);
}

/* The root may be anybody's: no link leads out of it, and only a link is read. */
static gchar *
read_link(int root, const gchar *name)
{
    struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
                            .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
    g_autofree gchar *path = g_build_filename("run", name, NULL);
    gchar target[PATH_MAX];
    int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
    ssize_t length = fd < 0 ? -1 : readlinkat(fd, "", target, sizeof(target));

    if (fd >= 0)
        close(fd);
    return length > 0 && length < (ssize_t)sizeof(target) ? g_strndup(target, (gsize)length) : NULL;
}

GPtrArray *
gvir_sandbox_run_links_find(const gchar *root)
{
    GPtrArray *links = g_ptr_array_new_with_free_func(link_free);
    int directory = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

    for (guint i = 0; directory >= 0 && i < G_N_ELEMENTS(names); i++) {
        g_autofree gchar *target = read_link(directory, names[i]);
        GVirSandboxRunLink *link;

        if (!target)
            continue;
        link = g_new0(GVirSandboxRunLink, 1);
        link->name = names[i];
        link->target = g_steal_pointer(&target);
        g_ptr_array_add(links, link);
    }
    if (directory >= 0)
        close(directory);
    return links;
}
