/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/console/last-words-private.h"
#include "libvirt-sandbox/console/rpc.h"
#include "libvirt-sandbox/util/new-file-private.h"

/* Gives the console its end of the transport, which it then owns, instead of the channel of its domain. */
void gvir_sandbox_console_rpc_set_descriptor(GVirSandboxConsoleRpc *console, int fd);

/* Connects to the guest, so that it sees somebody there; attaching does that too. */
gboolean gvir_sandbox_console_rpc_connect(GVirSandboxConsoleRpc *console, GError **error);

/*
 * Asked now and then, in the main context of the console and for as long as @owner lives, whether the sandbox is
 * over for a reason that the wire does not tell: then returns it, else NULL. @hung_up: the guest has closed the wire.
 */
typedef GError *(*GVirSandboxConsoleRpcLook)(GObject *owner, gboolean hung_up);
void gvir_sandbox_console_rpc_set_look(GVirSandboxConsoleRpc *console, GVirSandboxConsoleRpcLook look, GObject *owner);

/* What is added to the reason if the sandbox is over before its program runs. */
void gvir_sandbox_console_rpc_set_last_words(GVirSandboxConsoleRpc *console, GVirSandboxLastWords *words);

/* What the program changes is asked for, and becomes @file, or where that is NULL is told by the signal. */
void gvir_sandbox_console_rpc_set_changes(GVirSandboxConsoleRpc *console, GVirSandboxNewFile *file);

/* Whether the sandbox is being ended from here, so that its end is no failure. May be called in any thread. */
void gvir_sandbox_console_rpc_set_stopped(GVirSandboxConsoleRpc *console, gboolean stopped);

/* Closes the console of a sandbox that was ended from here. Takes a reference, and drops it where the console works:
 * in another thread it may be in the middle of that. */
void gvir_sandbox_console_rpc_release(GVirSandboxConsoleRpc *console);

/* What messages call the program. */
void gvir_sandbox_console_rpc_set_program(GVirSandboxConsoleRpc *console, const gchar *program);
