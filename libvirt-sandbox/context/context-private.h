/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/context/context.h"

/* Our end of the socket that a started container's init was given, which the caller then owns; -1 where the
 * builder uses another transport, or it was taken already. */
int gvir_sandbox_context_take_descriptor(GVirSandboxContext *context);

/* Whether the domain has a channel to its init. */
gboolean gvir_sandbox_context_has_channel(GVirSandboxContext *context);

/* The guest has said that it ends by itself; stopping waits for it a while before it destroys. */
void gvir_sandbox_context_expect_end(GVirSandboxContext *context);

/* What ended the sandbox before its program ended, if that is known by now; else NULL. @hung_up: its guest has
 * closed the wire. */
GError *gvir_sandbox_context_why_ended(GVirSandboxContext *context, gboolean hung_up);
