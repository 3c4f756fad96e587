/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "libvirt-sandbox/console/local/endpoint-private.h"

/* Reads from a local descriptor when it has something and its user wants it. */
typedef struct _GVirSandboxInput GVirSandboxInput;

/* Called when there is something to read; reads it with gvir_sandbox_input_read(). */
typedef void (*GVirSandboxInputReady)(GVirSandboxInput *input, gpointer user_data);

GVirSandboxInput *gvir_sandbox_input_new(int fd, GVirSandboxInputReady ready, gpointer user_data);
void gvir_sandbox_input_free(GVirSandboxInput *input);

gboolean gvir_sandbox_input_is_terminal(const GVirSandboxInput *input);
/* Whether @ready is to be called; at first it is not. */
void gvir_sandbox_input_set_wanted(GVirSandboxInput *input, gboolean wanted);
/* As read(); -1 with errno EAGAIN where it would block. */
gssize gvir_sandbox_input_read(GVirSandboxInput *input, gpointer buffer, gsize length);

/* As those of an endpoint. */
GVirSandboxSight gvir_sandbox_input_get_sight(const GVirSandboxInput *input);
gssize gvir_sandbox_input_peek(GVirSandboxInput *input, gsize skip, gpointer buffer, gsize length);
gssize gvir_sandbox_input_tee(GVirSandboxInput *input, int pipe, gsize length);
void gvir_sandbox_input_expect_much(GVirSandboxInput *input);
void gvir_sandbox_input_take(GVirSandboxInput *input, guint64 length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxInput, gvir_sandbox_input_free)
