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

/* Whether it is a pipe, with which bytes can be spliced. */
gboolean gvir_sandbox_endpoint_is_pipe(const GVirSandboxEndpoint *endpoint);
/* As splice() from @from, and to @to, neither of which blocks. */
gssize gvir_sandbox_endpoint_splice_from(GVirSandboxEndpoint *endpoint, int from, gsize length);
gssize gvir_sandbox_endpoint_splice_to(GVirSandboxEndpoint *endpoint, int to, gsize length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxEndpoint, gvir_sandbox_endpoint_free)
