/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/console/raw-private.h"

/*
 * The end of the log of a machine that starts, for the message if it dies before its program runs. A log has one
 * reader, so it is read until the program runs or somebody else wants it. Any thread may call these functions.
 */
typedef struct _GVirSandboxLastWords GVirSandboxLastWords;

/* Reads what @log would show; NULL if the log cannot be read, which is no reason not to start. */
GVirSandboxLastWords *gvir_sandbox_last_words_new(GVirSandboxConsoleRaw *log);
GVirSandboxLastWords *gvir_sandbox_last_words_ref(GVirSandboxLastWords *words);
void gvir_sandbox_last_words_unref(GVirSandboxLastWords *words);

/* Stops reading the log, so that another reader finds it free. */
void gvir_sandbox_last_words_close(GVirSandboxLastWords *words);

/* Why the kernel panicked, else the last line of the log, printable and of limited length; NULL if the log is empty. */
gchar *gvir_sandbox_last_words_get_line(GVirSandboxLastWords *words);

/* The same, chosen from @text, which may hold anything. */
gchar *gvir_sandbox_last_words_choose(const gchar *text, gsize length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxLastWords, gvir_sandbox_last_words_unref)
