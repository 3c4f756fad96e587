/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/console-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define ESCAPE_DEFAULT 0x1d /* Ctrl-] */
#define ESCAPE_COUNT 3
#define ESCAPE_INTERVAL G_USEC_PER_SEC
#define N_STREAMS 3

/**
 * GVirSandboxConsole:
 *
 * The pipe between the caller and a program or log in a sandbox. A console works in the main context that
 * is the thread default where it is attached.
 */

typedef struct {
    GVirConnection *connection;
    GVirDomain *domain;
    gchar *devname;
    gboolean direct;
    /* Which of the program's streams are its terminal. */
    gboolean terminal_input;
    gboolean terminal_output;
    gboolean terminal_errors;
    gchar escape;
    gboolean attached;
    int keys;        /* our terminal, opened beside our standard input, or -1 */
    int typed_on;    /* our terminal, for a program that has one, while attached; or -1 */
    gboolean active; /* it reads that */
    GVirSandboxTerminal *raw;
    GObject *streams[N_STREAMS];  /* while attached: what its descriptors belong to */
    gint64 escapes[ESCAPE_COUNT]; /* when the key was typed in a row, the last one first */
} GVirSandboxConsolePrivate;

enum { PROP_CONNECTION = 1, PROP_DOMAIN, PROP_DEVNAME, PROP_ESCAPE, PROP_DIRECT, N_PROPERTIES };
enum { SIGNAL_CLOSED, SIGNAL_FAILED, N_SIGNALS };

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE(GVirSandboxConsole, gvir_sandbox_console, G_TYPE_OBJECT)

static GVirSandboxConsolePrivate *
get_private(GVirSandboxConsole *console)
{
    return gvir_sandbox_console_get_instance_private(console);
}

static void
gvir_sandbox_console_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    GVirSandboxConsolePrivate *priv = get_private(GVIR_SANDBOX_CONSOLE(object));

    switch (id) {
    case PROP_CONNECTION:
        g_value_set_object(value, priv->connection);
        break;
    case PROP_DOMAIN:
        g_value_set_object(value, priv->domain);
        break;
    case PROP_DEVNAME:
        g_value_set_string(value, priv->devname);
        break;
    case PROP_ESCAPE:
        g_value_set_schar(value, priv->escape);
        break;
    case PROP_DIRECT:
        g_value_set_boolean(value, priv->direct);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_console_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    GVirSandboxConsole *console = GVIR_SANDBOX_CONSOLE(object);
    GVirSandboxConsolePrivate *priv = get_private(console);

    switch (id) {
    case PROP_CONNECTION:
        priv->connection = g_value_dup_object(value);
        break;
    case PROP_DOMAIN:
        priv->domain = g_value_dup_object(value);
        break;
    case PROP_DEVNAME:
        priv->devname = g_value_dup_string(value);
        break;
    case PROP_ESCAPE:
        gvir_sandbox_console_set_escape(console, g_value_get_schar(value));
        break;
    case PROP_DIRECT:
        gvir_sandbox_console_set_direct(console, g_value_get_boolean(value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
close_keys(GVirSandboxConsolePrivate *priv)
{
    if (priv->keys >= 0)
        close(priv->keys);
    priv->keys = -1;
}

/* Who let go of a stream may have meant the console to be its last user. */
static void
drop_streams(GVirSandboxConsolePrivate *priv)
{
    for (guint i = 0; i < N_STREAMS; i++)
        g_clear_object(&priv->streams[i]);
}

static void
gvir_sandbox_console_finalize(GObject *object)
{
    GVirSandboxConsolePrivate *priv = get_private(GVIR_SANDBOX_CONSOLE(object));

    g_clear_pointer(&priv->raw, gvir_sandbox_terminal_free);
    close_keys(priv);
    drop_streams(priv);
    g_clear_object(&priv->domain);
    g_clear_object(&priv->connection);
    g_free(priv->devname);
    G_OBJECT_CLASS(gvir_sandbox_console_parent_class)->finalize(object);
}

static void
install_properties(GObjectClass *object_class)
{
    const GParamFlags at_construction = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
    const GParamFlags any_time = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

    /**
     * GVirSandboxConsole:connection:
     *
     * The connection of the domain.
     */
    properties[PROP_CONNECTION] =
        g_param_spec_object("connection", NULL, "The connection of the domain", GVIR_TYPE_CONNECTION, at_construction);
    /**
     * GVirSandboxConsole:domain:
     *
     * The domain of the sandbox.
     */
    properties[PROP_DOMAIN] =
        g_param_spec_object("domain", NULL, "The domain of the sandbox", GVIR_TYPE_DOMAIN, at_construction);
    /**
     * GVirSandboxConsole:devname:
     *
     * The device in the domain, as libvirt names it.
     */
    properties[PROP_DEVNAME] =
        g_param_spec_string("devname", NULL, "The device in the domain, as libvirt names it", NULL, at_construction);
    /**
     * GVirSandboxConsole:escape:
     *
     * The key that leaves the console when it is typed three times within a second, by default Ctrl-].
     */
    properties[PROP_ESCAPE] = g_param_spec_char("escape", NULL, "The key that, typed three times, leaves the console",
                                                G_MININT8, G_MAXINT8, ESCAPE_DEFAULT, any_time);
    /**
     * GVirSandboxConsole:direct:
     *
     * Whether bytes pass as they are, and no key leaves the console.
     */
    properties[PROP_DIRECT] =
        g_param_spec_boolean("direct", NULL, "Bytes pass as they are, and no key leaves the console", FALSE, any_time);
    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
}

static void
gvir_sandbox_console_class_init(GVirSandboxConsoleClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);

    object_class->get_property = gvir_sandbox_console_get_property;
    object_class->set_property = gvir_sandbox_console_set_property;
    object_class->finalize = gvir_sandbox_console_finalize;
    install_properties(object_class);

    /**
     * GVirSandboxConsole::closed:
     * @console: the console
     * @failed: %TRUE if it ended before its time
     *
     * The other side is gone, or the user left with the escape key. The console is detached.
     */
    signals[SIGNAL_CLOSED] = g_signal_new("closed", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_FIRST,
                                          G_STRUCT_OFFSET(GVirSandboxConsoleClass, closed), NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, G_TYPE_BOOLEAN);

    /**
     * GVirSandboxConsole::failed:
     * @console: the console
     * @error: what went wrong
     *
     * Something went wrong that the user should be told; #GVirSandboxConsole::closed follows if it
     * ended the console.
     *
     * Since: 0.9.0
     */
    signals[SIGNAL_FAILED] = g_signal_new("failed", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
gvir_sandbox_console_init(GVirSandboxConsole *console)
{
    GVirSandboxConsolePrivate *priv = get_private(console);

    priv->escape = ESCAPE_DEFAULT;
    priv->keys = priv->typed_on = -1;
}

GVirConnection *
gvir_sandbox_console_get_connection(GVirSandboxConsole *console)
{
    return get_private(console)->connection;
}

GVirDomain *
gvir_sandbox_console_get_domain(GVirSandboxConsole *console)
{
    return get_private(console)->domain;
}

const gchar *
gvir_sandbox_console_get_devname(GVirSandboxConsole *console)
{
    return get_private(console)->devname;
}

void
gvir_sandbox_console_set_terminal(GVirSandboxConsole *console, gboolean input, gboolean output, gboolean errors)
{
    GVirSandboxConsolePrivate *priv = get_private(console);

    priv->terminal_input = input;
    priv->terminal_output = output;
    priv->terminal_errors = errors;
}

gboolean
gvir_sandbox_console_has_terminal(GVirSandboxConsole *console)
{
    GVirSandboxConsolePrivate *priv = get_private(console);

    return priv->terminal_input || priv->terminal_output || priv->terminal_errors;
}

gboolean
gvir_sandbox_console_terminal_is_input(GVirSandboxConsole *console)
{
    return get_private(console)->terminal_input;
}

/* Where its output goes elsewhere, a pager may be reading there. */
gboolean
gvir_sandbox_console_terminal_is_beside_input(GVirSandboxConsole *console)
{
    GVirSandboxConsolePrivate *priv = get_private(console);

    return priv->terminal_output && !priv->terminal_input;
}

gboolean
gvir_sandbox_console_terminal_is_exclusive(GVirSandboxConsole *console)
{
    GVirSandboxConsolePrivate *priv = get_private(console);

    return priv->terminal_output && priv->terminal_input;
}

int
gvir_sandbox_console_get_keys(GVirSandboxConsole *console)
{
    return get_private(console)->keys;
}

/**
 * gvir_sandbox_console_set_escape:
 * @console: the console
 * @escape: a character, Ctrl-] at first
 *
 * Sets the key that leaves the console when it is typed three times within a second. As in 0.8 a letter or one
 * of `@[\]^_` stands for that key together with Ctrl.
 */
void
gvir_sandbox_console_set_escape(GVirSandboxConsole *console, gchar escape)
{
    GVirSandboxConsolePrivate *priv;

    g_return_if_fail(GVIR_SANDBOX_IS_CONSOLE(console));

    priv = get_private(console);
    if (priv->escape == escape)
        return;
    priv->escape = escape;
    g_object_notify_by_pspec(G_OBJECT(console), properties[PROP_ESCAPE]);
}

/**
 * gvir_sandbox_console_get_escape:
 * @console: the console
 *
 * Gives the key that leaves the console.
 *
 * Returns: the key, which has this effect when it is typed three times within a second
 */
gchar
gvir_sandbox_console_get_escape(GVirSandboxConsole *console)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONSOLE(console), 0);

    return get_private(console)->escape;
}

/**
 * gvir_sandbox_console_set_direct:
 * @console: the console
 * @direct: %TRUE for no interpretation at all
 *
 * In a direct console bytes pass as they are: no key leaves it, and what a log prints is not made
 * safe for a terminal.
 */
void
gvir_sandbox_console_set_direct(GVirSandboxConsole *console, gboolean direct)
{
    GVirSandboxConsolePrivate *priv;

    g_return_if_fail(GVIR_SANDBOX_IS_CONSOLE(console));

    priv = get_private(console);
    direct = !!direct;
    if (priv->direct == direct)
        return;
    priv->direct = direct;
    g_object_notify_by_pspec(G_OBJECT(console), properties[PROP_DIRECT]);
}

/**
 * gvir_sandbox_console_get_direct:
 * @console: the console
 *
 * Tells whether the local terminal is left as it is.
 *
 * Returns: whether bytes pass as they are
 */
gboolean
gvir_sandbox_console_get_direct(GVirSandboxConsole *console)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONSOLE(console), FALSE);

    return get_private(console)->direct;
}

/* What a terminal sends for it. */
static guint8
escape_byte(gchar escape)
{
    return escape >= '@' && escape != 0x7f && escape != '`' && !strchr("{|}~", escape) ? escape & 0x1f : (guint8)escape;
}

gboolean
gvir_sandbox_console_escaped(GVirSandboxConsole *console, const guint8 *data, gsize length)
{
    GVirSandboxConsolePrivate *priv = get_private(console);
    guint8 key = escape_byte(priv->escape);
    gint64 now = g_get_monotonic_time();

    if (priv->direct || !priv->raw)
        return FALSE;
    for (gsize i = 0; i < length; i++) {
        if (data[i] != key) {
            memset(priv->escapes, 0, sizeof(priv->escapes));
            continue;
        }
        memmove(&priv->escapes[1], &priv->escapes[0], sizeof(priv->escapes) - sizeof(priv->escapes[0]));
        priv->escapes[0] = now;
        if (priv->escapes[ESCAPE_COUNT - 1] > 0 && now - priv->escapes[ESCAPE_COUNT - 1] <= ESCAPE_INTERVAL)
            return TRUE;
    }
    return FALSE;
}

static gboolean
hold_terminal(GVirSandboxConsolePrivate *priv, GError **error)
{
    if (priv->typed_on < 0 || !priv->active || priv->raw)
        return TRUE;
    priv->raw = gvir_sandbox_terminal_new_raw(priv->typed_on, error);
    return priv->raw != NULL;
}

gboolean
gvir_sandbox_console_enter_terminal(GVirSandboxConsole *console, GError **error)
{
    GVirSandboxConsolePrivate *priv = get_private(console);

    priv->active = TRUE;
    return hold_terminal(priv, error);
}

/**
 * gvir_sandbox_console_attach:
 * @console: the console
 * @local_stdin: (nullable): what the other side reads, or %NULL for an empty one
 * @local_stdout: (nullable): where its output goes, or %NULL to throw it away
 * @local_stderr: (nullable): where its errors go, or %NULL to throw them away
 * @error: return location for an error, or %NULL
 *
 * Joins the console to local streams and returns at once; the bytes flow in the thread-default main
 * context. Of the streams only the descriptors are used, and their modes are left as they are; the console keeps
 * a reference to the streams until it is closed or detached. The program of a sandbox starts when its
 * console is attached for the first time.
 *
 * Of a file, pipe or stream socket as @local_stdin no more is taken than the program has read, as long as the
 * console is attached to it; what stays can be read by others afterwards.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_STATE if the console is attached already or has ended, and to
 * %GVIR_SANDBOX_ERROR_CONNECTION if the domain cannot be reached.
 *
 * Returns: %TRUE if the console is attached
 */
gboolean
gvir_sandbox_console_attach(GVirSandboxConsole *console, GUnixInputStream *local_stdin, GUnixOutputStream *local_stdout,
                            GUnixOutputStream *local_stderr, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    GVirSandboxConsolePrivate *priv;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONSOLE(console), FALSE);

    priv = get_private(console);
    if (priv->attached) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE, _("the console is attached already"));
        return FALSE;
    }
    g_set_object(&priv->streams[0], (GObject *)local_stdin);
    g_set_object(&priv->streams[1], (GObject *)local_stdout);
    g_set_object(&priv->streams[2], (GObject *)local_stderr);
    priv->attached =
        GVIR_SANDBOX_CONSOLE_GET_CLASS(console)->attach(console, local_stdin, local_stdout, local_stderr, error);
    if (!priv->attached)
        drop_streams(priv);
    return priv->attached;
}

static void
attach_now(GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable G_GNUC_UNUSED)
{
    GPtrArray *streams = task_data;
    GError *error = NULL;

    if (gvir_sandbox_console_attach(source, g_ptr_array_index(streams, 0), g_ptr_array_index(streams, 1),
                                    g_ptr_array_index(streams, 2), &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
}

static void
unref_any(gpointer object)
{
    g_clear_object(&object);
}

/**
 * gvir_sandbox_console_attach_async:
 * @console: the console
 * @local_stdin: (nullable): what the other side reads, or %NULL for an empty one
 * @local_stdout: (nullable): where its output goes, or %NULL to throw it away
 * @local_stderr: (nullable): where its errors go, or %NULL to throw them away
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async): called when the console is attached or could not be
 * @user_data: for @callback
 *
 * As gvir_sandbox_console_attach(), for a program that goes on meanwhile.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_console_attach_async(GVirSandboxConsole *console, GUnixInputStream *local_stdin,
                                  GUnixOutputStream *local_stdout, GUnixOutputStream *local_stderr,
                                  GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(console, cancellable, callback, user_data);
    g_autoptr(GPtrArray) streams = g_ptr_array_new_with_free_func(unref_any);

    g_task_set_source_tag(task, gvir_sandbox_console_attach_async);
    g_ptr_array_add(streams, local_stdin ? g_object_ref(local_stdin) : NULL);
    g_ptr_array_add(streams, local_stdout ? g_object_ref(local_stdout) : NULL);
    g_ptr_array_add(streams, local_stderr ? g_object_ref(local_stderr) : NULL);
    g_task_set_task_data(task, g_steal_pointer(&streams), (GDestroyNotify)g_ptr_array_unref);

    if (g_task_return_error_if_cancelled(task))
        return;
    attach_now(task, console, g_task_get_task_data(task), cancellable);
}

/**
 * gvir_sandbox_console_attach_finish:
 * @console: the console
 * @result: what the callback was given
 * @error: return location for an error, or %NULL
 *
 * Ends gvir_sandbox_console_attach_async(); the errors are those of gvir_sandbox_console_attach().
 *
 * Returns: %TRUE if the console is attached
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_console_attach_finish(GVirSandboxConsole *console, GAsyncResult *result, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    g_return_val_if_fail(g_task_is_valid(result, console), FALSE);

    return g_task_propagate_boolean(G_TASK(result), error);
}

/* NULL where the caller was started with that descriptor closed. */
static GUnixInputStream *
standard_input(void)
{
    if (fcntl(STDIN_FILENO, F_GETFD) < 0)
        return NULL;
    return G_UNIX_INPUT_STREAM(g_unix_input_stream_new(STDIN_FILENO, FALSE));
}

static GUnixOutputStream *
standard_output(int fd)
{
    if (fcntl(fd, F_GETFD) < 0)
        return NULL;
    return G_UNIX_OUTPUT_STREAM(g_unix_output_stream_new(fd, FALSE));
}

/* Where what is typed for the program is read, besides what is its standard input. */
static void
open_keys(GVirSandboxConsole *console)
{
    GVirSandboxConsolePrivate *priv = get_private(console);

    if (!priv->attached && gvir_sandbox_console_terminal_is_beside_input(console))
        priv->keys = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

/**
 * gvir_sandbox_console_attach_stdio:
 * @console: the console
 * @error: return location for an error, or %NULL
 *
 * Attaches the console to the process's own standard streams. Where standard input and output are the terminal of the
 * program in the sandbox, see gvir_sandbox_config_interactive_set_tty_streams(), and standard input is one, that is in
 * raw mode from when the program runs until the console is detached or closed, as long as the process is in its
 * foreground. Where only one of them is, this begins when a program there waits for what is typed; if that is
 * standard output, what is typed comes from the process's controlling terminal. The errors are those of
 * gvir_sandbox_console_attach().
 *
 * Returns: %TRUE if the console is attached
 */
gboolean
gvir_sandbox_console_attach_stdio(GVirSandboxConsole *console, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    g_autoptr(GUnixInputStream) input = standard_input();
    g_autoptr(GUnixOutputStream) output = standard_output(STDOUT_FILENO);
    g_autoptr(GUnixOutputStream) errors = standard_output(STDERR_FILENO);
    GVirSandboxConsolePrivate *priv;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONSOLE(console), FALSE);

    priv = get_private(console);
    open_keys(console);
    if (!gvir_sandbox_console_attach(console, input, output, errors, error)) {
        if (!priv->attached)
            close_keys(priv);
        return FALSE;
    }
    priv->typed_on = priv->terminal_input && isatty(STDIN_FILENO) ? STDIN_FILENO : priv->keys;
    if (hold_terminal(priv, error))
        return TRUE;
    gvir_sandbox_console_detach(console, NULL);
    return FALSE;
}

/**
 * gvir_sandbox_console_attach_stderr:
 * @console: the console
 * @error: return location for an error, or %NULL
 *
 * Attaches the console to the process's standard error, with nothing to read. The errors are those of
 * gvir_sandbox_console_attach().
 *
 * Returns: %TRUE if the console is attached
 */
gboolean
gvir_sandbox_console_attach_stderr(GVirSandboxConsole *console, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    g_autoptr(GUnixOutputStream) errors = standard_output(STDERR_FILENO);

    return gvir_sandbox_console_attach(console, NULL, errors, errors, error);
}

/**
 * gvir_sandbox_console_isolate:
 * @console: the console
 * @error: return location for an error, or %NULL
 *
 * Attaches the console to nothing: the other side reads an empty input and its output is thrown away.
 * The errors are those of gvir_sandbox_console_attach().
 *
 * Returns: %TRUE if the console is attached
 */
gboolean
gvir_sandbox_console_isolate(GVirSandboxConsole *console, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    return gvir_sandbox_console_attach(console, NULL, NULL, NULL, error);
}

/**
 * gvir_sandbox_console_detach:
 * @console: the console
 * @error: return location for an error, or %NULL
 *
 * Leaves the local streams, and puts the terminal back into its mode.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_STATE if the console is not attached.
 *
 * Returns: %TRUE if the console was detached
 */
gboolean
gvir_sandbox_console_detach(GVirSandboxConsole *console, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    GVirSandboxConsolePrivate *priv;
    gboolean detached;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONSOLE(console), FALSE);

    priv = get_private(console);
    if (!priv->attached) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE, _("the console is not attached"));
        return FALSE;
    }
    priv->attached = FALSE;
    priv->typed_on = -1;
    g_clear_pointer(&priv->raw, gvir_sandbox_terminal_free);
    detached = GVIR_SANDBOX_CONSOLE_GET_CLASS(console)->detach(console, error);
    drop_streams(priv);
    close_keys(priv);
    return detached;
}

void
gvir_sandbox_console_finish(GVirSandboxConsole *console, const GError *error)
{
    G_GNUC_UNUSED g_autoptr(GVirSandboxConsole) kept = g_object_ref(console);
    g_autoptr(GError) failure = error ? g_error_copy(error) : NULL;

    gvir_sandbox_border_convert(&failure);
    if (get_private(console)->attached)
        gvir_sandbox_console_detach(console, NULL);
    if (failure)
        g_signal_emit(console, signals[SIGNAL_FAILED], 0, failure);
    g_signal_emit(console, signals[SIGNAL_CLOSED], 0, error != NULL);
}
