/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * One direction of a local descriptor (a terminal, pipe, file or socket that somebody else may share),
 * read or written without ever blocking and without changing the flags that its other users see.
 */
typedef struct _GVirSandboxEndpoint GVirSandboxEndpoint;

GVirSandboxEndpoint *gvir_sandbox_endpoint_new_for_reading(int fd);
GVirSandboxEndpoint *gvir_sandbox_endpoint_new_for_writing(int fd);
void gvir_sandbox_endpoint_free(GVirSandboxEndpoint *endpoint);

/* The descriptor to wait on. */
int gvir_sandbox_endpoint_get_fd(const GVirSandboxEndpoint *endpoint);

gboolean gvir_sandbox_endpoint_is_terminal(const GVirSandboxEndpoint *endpoint);
/* FALSE for a terminal in whose background we are: then there is nothing to read, whatever poll() says. */
gboolean gvir_sandbox_endpoint_is_ours(const GVirSandboxEndpoint *endpoint);

/* As read() and write(); -1 with errno EAGAIN where they would block. */
gssize gvir_sandbox_endpoint_read(GVirSandboxEndpoint *endpoint, gpointer buffer, gsize length);
gssize gvir_sandbox_endpoint_write(GVirSandboxEndpoint *endpoint, gconstpointer buffer, gsize length);

/*
 * What can be looked at before it is taken, so that others find what nobody wanted: a file, a pipe, a stream socket.
 * Of the last two only the front can be seen, a pipe's in another pipe.
 */
typedef enum {
    GVIR_SANDBOX_SIGHT_NONE,
    GVIR_SANDBOX_SIGHT_FRONT,
    GVIR_SANDBOX_SIGHT_PIPE,
    GVIR_SANDBOX_SIGHT_ALL,
} GVirSandboxSight;

GVirSandboxSight gvir_sandbox_endpoint_get_sight(const GVirSandboxEndpoint *endpoint);
/* As gvir_sandbox_endpoint_read() of what comes after @skip bytes, which stays. */
gssize gvir_sandbox_endpoint_peek(GVirSandboxEndpoint *endpoint, gsize skip, gpointer buffer, gsize length);
/* As tee() to @pipe. */
gssize gvir_sandbox_endpoint_tee(GVirSandboxEndpoint *endpoint, int pipe, gsize length);
/* Of a pipe: lets it hold as much as can be on the way at once. */
void gvir_sandbox_endpoint_expect_much(GVirSandboxEndpoint *endpoint);
/* Takes so many bytes out, unless somebody else was faster. */
void gvir_sandbox_endpoint_take(GVirSandboxEndpoint *endpoint, guint64 length);

/* Whether it is a pipe, with which bytes can be spliced. */
gboolean gvir_sandbox_endpoint_is_pipe(const GVirSandboxEndpoint *endpoint);
/* As splice() from @from, which does not block. */
gssize gvir_sandbox_endpoint_splice_from(GVirSandboxEndpoint *endpoint, int from, gsize length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxEndpoint, gvir_sandbox_endpoint_free)
