/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/export/request.h"

#include "libvirt-sandbox/export/answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * A request is words, each ended by a zero byte:
 *
 *   directory NAME
 *   user UID GID
 *   tree NAME SOURCE ro|rw
 *   cover PATH              in the tree before it
 *   keep PATH               below what the cover before it covers: stays as it is
 *   end
 */

#define LENGTH_MAX (4u << 20)
#define LAST "\0end"

static GString *
read_all(int fd)
{
    GString *text = g_string_new(NULL);
    gchar part[4096];

    while (text->len < sizeof(LAST) || memcmp(text->str + text->len - sizeof(LAST), LAST, sizeof(LAST)) != 0) {
        ssize_t count = read(fd, part, sizeof(part));

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0 || text->len > LENGTH_MAX)
            exit(1);
        g_string_append_len(text, part, count);
    }
    return text;
}

static const gchar *
next_word(const gchar **next, const gchar *end)
{
    const gchar *word = *next;

    if (word >= end)
        export_fail("the request is cut off");
    *next += strlen(word) + 1;
    return word;
}

static void
add_tree(ExportRequest *request, const gchar **next, const gchar *end)
{
    ExportTree *tree = g_new0(ExportTree, 1);

    tree->name = g_strdup(next_word(next, end));
    tree->source = g_strdup(next_word(next, end));
    tree->read_only = !g_str_equal(next_word(next, end), "rw");
    tree->covers = g_ptr_array_new();
    g_ptr_array_add(request->trees, tree);
}

static gpointer
last_of(GPtrArray *array)
{
    return array->len > 0 ? g_ptr_array_index(array, array->len - 1) : NULL;
}

static void
add_cover(ExportRequest *request, const gchar *path)
{
    ExportTree *tree = last_of(request->trees);
    ExportCover *cover = g_new0(ExportCover, 1);

    if (!tree)
        export_fail("a cover without a tree");
    cover->path = path;
    cover->kept = g_ptr_array_new();
    g_ptr_array_add(tree->covers, cover);
}

static void
add_kept(ExportRequest *request, const gchar *path)
{
    ExportTree *tree = last_of(request->trees);
    ExportCover *cover = tree ? last_of(tree->covers) : NULL;

    if (!cover)
        export_fail("something kept without a cover");
    g_ptr_array_add(cover->kept, (gpointer)path);
}

static void
set_user(ExportRequest *request, const gchar *uid, const gchar *gid)
{
    request->has_user = TRUE;
    request->uid = (uid_t)strtoul(uid, NULL, 10);
    request->gid = (gid_t)strtoul(gid, NULL, 10);
}

/* Lives as long as the process. */
ExportRequest *
request_read(int fd)
{
    ExportRequest *request = g_new0(ExportRequest, 1);
    GString *text = read_all(fd);
    const gchar *next = text->str, *end = text->str + text->len;
    const gchar *word;

    request->trees = g_ptr_array_new();
    while (!g_str_equal(word = next_word(&next, end), "end")) {
        if (g_str_equal(word, "directory")) {
            request->directory = g_strdup(next_word(&next, end));
        } else if (g_str_equal(word, "user")) {
            const gchar *uid = next_word(&next, end);

            set_user(request, uid, next_word(&next, end));
        } else if (g_str_equal(word, "tree")) {
            add_tree(request, &next, end);
        } else if (g_str_equal(word, "cover")) {
            add_cover(request, next_word(&next, end));
        } else if (g_str_equal(word, "keep")) {
            add_kept(request, next_word(&next, end));
        } else {
            export_fail("%s: no such word", word);
        }
    }
    if (!request->directory)
        export_fail("no directory");
    return request;
}
