/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/export/closed-directories-private.h"
#include "libvirt-sandbox/util/user-access-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of entries, so that a directory of a million files does not keep a sandbox from starting. */
#define LOOKED_AT_MAX 32768
/* More than that are not for programs that install something. */
#define FOUND_MAX 1024

/* Where they are looked for, and how far below. */
static const struct {
    const gchar *path;
    guint depth;
} places[] = {
    { "", 1 },
    { "usr/share/polkit-1", 1 },
    { "etc", 3 },
    { "var", 4 },
};

typedef struct {
    const gchar *root;
    const GVirSandboxClosedReader *reader;
    int fd;
    guint looked_at;
    GPtrArray *found;
} Search;

typedef struct {
    gchar *path;
    guint depth; /* how far down from here */
} Step;

static void
step_free(Step *step)
{
    g_free(step->path);
    g_free(step);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Step, step_free)

static void
push(GQueue *steps, gchar *path, guint depth)
{
    Step *step = g_new0(Step, 1);

    step->path = path;
    step->depth = depth;
    g_queue_push_tail(steps, step);
}

/* O_PATH needs no right to the directory itself. */
static int
open_directory(const Search *search, const gchar *path)
{
    struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
                            .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };

    return (int)syscall(SYS_openat2, search->fd, *path ? path : ".", &how, sizeof(how));
}

/* A directory may be one that the kind of file system does not tell. */
static gboolean
may_be_directory(const struct dirent *entry)
{
    return (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN) && !g_str_equal(entry->d_name, ".") &&
           !g_str_equal(entry->d_name, "..");
}

static void
look_into(Search *search, GQueue *steps, const Step *step, int directory)
{
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    if (!listing && fd >= 0)
        close(fd);
    while (listing && (entry = readdir(listing)) && search->looked_at++ < LOOKED_AT_MAX) {
        if (may_be_directory(entry))
            push(steps, *step->path ? g_strconcat(step->path, "/", entry->d_name, NULL) : g_strdup(entry->d_name),
                 step->depth - 1);
    }
    if (listing)
        closedir(listing);
}

static void
look_at(Search *search, GQueue *steps, const Step *step)
{
    int directory = open_directory(search, step->path);

    if (directory < 0)
        return;
    if (faccessat(directory, ".", X_OK, AT_EACCESS) == 0) {
        if (step->depth > 0)
            look_into(search, steps, step, directory);
    } else if (errno == EACCES && search->found->len < FOUND_MAX) {
        g_ptr_array_add(search->found, g_strconcat("/", step->path, NULL));
    }
    close(directory);
}

/* The nearest first, so that what is left out in the end is what is deepest. */
static void
look_below(Search *search, const gchar *path, guint depth)
{
    GQueue steps = G_QUEUE_INIT;
    Step *next;

    push(&steps, g_strdup(path), depth);
    while ((next = g_queue_pop_head(&steps))) {
        g_autoptr(Step) step = next;

        if (search->looked_at < LOOKED_AT_MAX)
            look_at(search, &steps, step);
    }
}

/* In a thread of its own, which has the reader's rights and no more. */
static gpointer
look(gpointer user_data)
{
    Search *search = user_data;

    if (search->reader && !gvir_sandbox_user_become(search->reader->uid, search->reader->gid))
        return NULL;
    search->fd = open(search->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (search->fd < 0)
        return NULL;
    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        search->looked_at = 0;
        look_below(search, places[i].path, places[i].depth);
    }
    close(search->fd);
    return NULL;
}

GPtrArray *
gvir_sandbox_closed_directories_find(const gchar *root, const GVirSandboxClosedReader *reader)
{
    Search search = { .root = root, .reader = reader, .found = g_ptr_array_new_with_free_func(g_free) };

    g_thread_join(g_thread_new("closed", look, &search));
    return search.found;
}
