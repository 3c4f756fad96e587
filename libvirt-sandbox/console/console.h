/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <libvirt-gobject/libvirt-gobject.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONSOLE (gvir_sandbox_console_get_type())
G_DECLARE_DERIVABLE_TYPE(GVirSandboxConsole, gvir_sandbox_console, GVIR_SANDBOX, CONSOLE, GObject)

/**
 * GVirSandboxConsoleClass:
 * @parent_class: the parent class
 * @attach: joins the console to local streams
 * @detach: leaves them
 * @closed: class handler of #GVirSandboxConsole::closed
 *
 * What a kind of console implements.
 */
struct _GVirSandboxConsoleClass {
    GObjectClass parent_class;

    gboolean (*attach)(GVirSandboxConsole *console, GUnixInputStream *local_stdin, GUnixOutputStream *local_stdout,
                       GUnixOutputStream *local_stderr, GError **error);
    gboolean (*detach)(GVirSandboxConsole *console, GError **error);
    void (*closed)(GVirSandboxConsole *console, gboolean failed);

    gpointer padding[8];
};

gboolean gvir_sandbox_console_attach_stdio(GVirSandboxConsole *console, GError **error);
gboolean gvir_sandbox_console_attach_stderr(GVirSandboxConsole *console, GError **error);
gboolean gvir_sandbox_console_attach(GVirSandboxConsole *console, GUnixInputStream *local_stdin,
                                     GUnixOutputStream *local_stdout, GUnixOutputStream *local_stderr, GError **error);
gboolean gvir_sandbox_console_isolate(GVirSandboxConsole *console, GError **error);
gboolean gvir_sandbox_console_detach(GVirSandboxConsole *console, GError **error);

void gvir_sandbox_console_set_escape(GVirSandboxConsole *console, gchar escape);
gchar gvir_sandbox_console_get_escape(GVirSandboxConsole *console);
void gvir_sandbox_console_set_direct(GVirSandboxConsole *console, gboolean direct);
gboolean gvir_sandbox_console_get_direct(GVirSandboxConsole *console);

void gvir_sandbox_console_attach_async(GVirSandboxConsole *console, GUnixInputStream *local_stdin,
                                       GUnixOutputStream *local_stdout, GUnixOutputStream *local_stderr,
                                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean gvir_sandbox_console_attach_finish(GVirSandboxConsole *console, GAsyncResult *result, GError **error);

G_END_DECLS
