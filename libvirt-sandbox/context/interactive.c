/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/interactive.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/console/console-private.h"
#include "libvirt-sandbox/console/rpc-private.h"
#include "libvirt-sandbox/context/context-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/guest/frame.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/new-file-private.h"

/**
 * GVirSandboxContextInteractive:
 *
 * A sandbox that runs one program, joined to it by a console.
 */
struct _GVirSandboxContextInteractive {
    GVirSandboxContext parent_instance;

    GMutex lock; /* for no longer than a look takes, while the context may be at work for seconds */
    GVirSandboxConsoleRpc *console;
};

G_DEFINE_FINAL_TYPE(GVirSandboxContextInteractive, gvir_sandbox_context_interactive, GVIR_SANDBOX_TYPE_CONTEXT)

/* For messages, what the user asked to run. */
static void
name_program(GVirSandboxConsoleRpc *console, GVirSandboxConfig *config)
{
    g_auto(GStrv) command = gvir_sandbox_config_get_command(config);

    if (command && command[0])
        gvir_sandbox_console_rpc_set_program(console, command[0]);
}

static GError *
why_ended(GObject *context, gboolean hung_up)
{
    return gvir_sandbox_context_why_ended(GVIR_SANDBOX_CONTEXT(context), hung_up);
}

static void
set_terminal(GVirSandboxConsole *console, GVirSandboxConfigInteractive *config)
{
    gboolean input, output, errors;

    gvir_sandbox_config_interactive_get_tty_streams(config, &input, &output, &errors);
    gvir_sandbox_console_set_terminal(console, input, output, errors);
}

static void
set_last_words(GVirSandboxConsoleRpc *console, GVirSandboxContext *context)
{
    GVirSandboxLastWords *words = gvir_sandbox_context_read_last_words(context);

    if (words)
        gvir_sandbox_console_rpc_set_last_words(console, words);
}

static GVirSandboxConsoleRpc *
make_console(GVirSandboxContext *context, GVirSandboxNewFile *changes, GError **error)
{
    g_autoptr(GVirConnection) connection = gvir_sandbox_context_get_connection(context);
    g_autoptr(GVirSandboxConfig) config = gvir_sandbox_context_get_config(context);
    g_autoptr(GVirDomain) domain = gvir_sandbox_context_get_domain(context, error);
    int descriptor = gvir_sandbox_context_take_descriptor(context);
    g_autoptr(GVirSandboxConsoleRpc) console = NULL;

    if (!domain)
        return NULL;
    console = gvir_sandbox_console_rpc_new(connection, domain, GUEST_CHANNEL_NAME);
    name_program(console, config);
    set_last_words(console, context);
    if (gvir_sandbox_config_get_changes(config))
        gvir_sandbox_console_rpc_set_changes(console, changes);
    set_terminal(GVIR_SANDBOX_CONSOLE(console), GVIR_SANDBOX_CONFIG_INTERACTIVE(config));
    gvir_sandbox_console_rpc_set_descriptor(console, descriptor);
    if (!gvir_sandbox_console_rpc_connect(console, error))
        return NULL;
    return g_steal_pointer(&console);
}

/* Before the program runs, which could make its name mean another place. */
static gboolean
hold_changes(GVirSandboxContext *context, GVirSandboxNewFile **file, GError **error)
{
    g_autoptr(GVirSandboxConfig) config = gvir_sandbox_context_get_config(context);
    const gchar *path = gvir_sandbox_config_get_changes(config);
    g_autofree gchar *label = NULL;

    if (!path || g_str_equal(path, "-"))
        return TRUE;
    label = g_strdup_printf(_("changes %s"), path);
    *file = gvir_sandbox_new_file_hold(label, path, error);
    return *file != NULL;
}

/* Takes over @console, or NULL. */
static void
replace_console(GVirSandboxContextInteractive *interactive, GVirSandboxConsoleRpc *console)
{
    GVirSandboxConsoleRpc *before;

    g_mutex_lock(&interactive->lock);
    before = interactive->console;
    interactive->console = console;
    g_mutex_unlock(&interactive->lock);
    if (before)
        gvir_sandbox_console_rpc_release(before);
}

static void
set_stopped(GVirSandboxContextInteractive *interactive, gboolean stopped)
{
    g_mutex_lock(&interactive->lock);
    if (interactive->console)
        gvir_sandbox_console_rpc_set_stopped(interactive->console, stopped);
    g_mutex_unlock(&interactive->lock);
}

static gboolean
gvir_sandbox_context_interactive_start(GVirSandboxContext *context, GError **error)
{
    GVirSandboxContextInteractive *interactive = GVIR_SANDBOX_CONTEXT_INTERACTIVE(context);
    g_autoptr(GVirSandboxNewFile) changes = NULL;
    GVirSandboxConsoleRpc *console;

    if (!hold_changes(context, &changes, error) ||
        !GVIR_SANDBOX_CONTEXT_CLASS(gvir_sandbox_context_interactive_parent_class)->start(context, error))
        return FALSE;
    console = make_console(context, changes, error);
    if (console) {
        gvir_sandbox_console_rpc_set_look(console, why_ended, G_OBJECT(context));
        g_signal_connect_object(console, "exited", G_CALLBACK(gvir_sandbox_context_expect_end), context,
                                G_CONNECT_SWAPPED);
        replace_console(interactive, console);
        return TRUE;
    }
    gvir_sandbox_context_stop(context, NULL);
    return FALSE;
}

static gboolean
gvir_sandbox_context_interactive_stop(GVirSandboxContext *context, GError **error)
{
    GVirSandboxContextInteractive *interactive = GVIR_SANDBOX_CONTEXT_INTERACTIVE(context);

    /* The guest may hang up before it is known to be gone. */
    set_stopped(interactive, TRUE);
    if (GVIR_SANDBOX_CONTEXT_CLASS(gvir_sandbox_context_interactive_parent_class)->stop(context, error)) {
        replace_console(interactive, NULL);
        return TRUE;
    }
    set_stopped(interactive, FALSE);
    return FALSE;
}

static void
gvir_sandbox_context_interactive_finalize(GObject *object)
{
    GVirSandboxContextInteractive *interactive = GVIR_SANDBOX_CONTEXT_INTERACTIVE(object);

    replace_console(interactive, NULL);
    g_mutex_clear(&interactive->lock);
    G_OBJECT_CLASS(gvir_sandbox_context_interactive_parent_class)->finalize(object);
}

static void
gvir_sandbox_context_interactive_class_init(GVirSandboxContextInteractiveClass *klass)
{
    GVirSandboxContextClass *context_class = GVIR_SANDBOX_CONTEXT_CLASS(klass);

    G_OBJECT_CLASS(klass)->finalize = gvir_sandbox_context_interactive_finalize;
    gvir_sandbox_context_class_set_config_type(context_class, GVIR_SANDBOX_TYPE_CONFIG_INTERACTIVE);
    context_class->start = gvir_sandbox_context_interactive_start;
    context_class->stop = gvir_sandbox_context_interactive_stop;
}

static void
gvir_sandbox_context_interactive_init(GVirSandboxContextInteractive *context)
{
    g_mutex_init(&context->lock);
}

/**
 * gvir_sandbox_context_interactive_new: (constructor)
 * @connection: an open connection
 * @config: what to run
 *
 * Makes a context, which is not started yet.
 *
 * Returns: (transfer full): a new context
 */
GVirSandboxContextInteractive *
gvir_sandbox_context_interactive_new(GVirConnection *connection, GVirSandboxConfigInteractive *config)
{
    return g_object_new(GVIR_SANDBOX_TYPE_CONTEXT_INTERACTIVE, "connection", connection, "config", config, NULL);
}

/**
 * gvir_sandbox_context_interactive_get_app_console:
 * @context: the context
 * @error: return location for an error, or %NULL
 *
 * The console of the program, the same at each call. The program starts when it is attached.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_STATE if the sandbox was not started by this context.
 *
 * Returns: (transfer full): the console, a #GVirSandboxConsoleRpc
 */
GVirSandboxConsole *
gvir_sandbox_context_interactive_get_app_console(GVirSandboxContextInteractive *context, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    GVirSandboxConsole *console = NULL;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT_INTERACTIVE(context), NULL);

    g_mutex_lock(&context->lock);
    if (context->console)
        console = g_object_ref(GVIR_SANDBOX_CONSOLE(context->console));
    g_mutex_unlock(&context->lock);
    if (console)
        return console;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE, _("the sandbox was not started here"));
    return NULL;
}
