/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/context-private.h"
#include "libvirt-sandbox/builder/builder-private.h"
#include "libvirt-sandbox/builder/machine-private.h"
#include "libvirt-sandbox/console/raw-private.h"
#include "libvirt-sandbox/context/creation-private.h"
#include "libvirt-sandbox/context/left-private.h"
#include "libvirt-sandbox/context/running-domain-private.h"
#include "libvirt-sandbox/context/state-private.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/moment-private.h"
#include "libvirt-sandbox/util/open-umask-private.h"
#include "libvirt-sandbox/libvirt/driver-private.h"

#include <string.h>
#include <unistd.h>

/* A guest that has said it ends gets so long for it. */
#define END_PATIENCE_MSEC 2000

/**
 * GVirSandboxContext:
 *
 * The life of a sandbox: creates its domain from a #GVirSandboxConfig, owns its state on the host, and ends
 * it. Its methods may be called from any thread; one that is at work makes the others wait.
 */

typedef struct {
    GVirConnection *connection;
    GVirSandboxConfig *config;

    GRecMutex lock;
    guint depth; /* how many methods are at work in one another */
    GMainContext *emit_context;
    GThread *emit_thread; /* emits at once; NULL: nobody */
    GVirSandboxBuilder *builder;
    GVirSandboxState *state;
    GVirSandboxRunningDomain *domain;
    GVirSandboxRunningDomain *ended;  /* let go of with the context: libvirt may be busy with its end */
    GVirSandboxLastWords *last_words; /* NULL: nobody reads them */
    gboolean attached;
    int descriptor;
    /* What can be asked while a method is at work: */
    GMutex shown_lock;
    GVirDomain *shown;
    guint process;
    GCond emitted;
    GThread *handling; /* atomic: the thread whose handlers the method that is at work waits for */
    /* Atomic, as these are not worth to wait for who starts or stops: */
    gint impatient;
    gint end_expected;
} GVirSandboxContextPrivate;

enum { PROP_CONNECTION = 1, PROP_CONFIG, PROP_DOMAIN, PROP_IMPATIENT, N_PROPERTIES };
enum { SIGNAL_PROGRESS, SIGNAL_CREATING, N_SIGNALS };

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE(GVirSandboxContext, gvir_sandbox_context, G_TYPE_OBJECT)

static GVirSandboxContextPrivate *
get_private(GVirSandboxContext *context)
{
    return gvir_sandbox_context_get_instance_private(context);
}

typedef struct {
    GVirSandboxContext *context;
    GParamSpec *property; /* or else */
    guint signal;
    gchar *text;    /* or NULL */
    gboolean *done; /* or NULL */
} Emission;

static void
emission_free(gpointer data)
{
    Emission *emission = data;
    GVirSandboxContextPrivate *priv = get_private(emission->context);

    if (emission->done) {
        g_mutex_lock(&priv->shown_lock);
        *emission->done = TRUE;
        g_cond_broadcast(&priv->emitted);
        g_mutex_unlock(&priv->shown_lock);
    }
    g_object_unref(emission->context);
    g_free(emission->text);
    g_free(emission);
}

static gboolean
emit_now(gpointer data)
{
    const Emission *emission = data;

    if (emission->property)
        g_object_notify_by_pspec(G_OBJECT(emission->context), emission->property);
    else if (emission->text)
        g_signal_emit(emission->context, emission->signal, 0, emission->text);
    else
        g_signal_emit(emission->context, emission->signal, 0);
    return G_SOURCE_REMOVE;
}

static void
emit_later(GMainContext *there, Emission *emission)
{
    g_autoptr(GSource) source = g_idle_source_new();

    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, emit_now, emission, emission_free);
    g_source_attach(source, there);
}

/* For a caller who waits for the method, and so has it wait for his handlers. */
static void
emit_and_wait(GVirSandboxContextPrivate *priv, Emission *emission)
{
    gboolean done = FALSE;

    emission->done = &done;
    g_atomic_pointer_set(&priv->handling, priv->emit_thread);
    emit_later(priv->emit_context, emission);
    g_mutex_lock(&priv->shown_lock);
    while (!done)
        g_cond_wait(&priv->emitted, &priv->shown_lock);
    g_mutex_unlock(&priv->shown_lock);
    g_atomic_pointer_set(&priv->handling, NULL);
}

/* Handlers run in the thread of who called the method that is at work. Call with the context locked. */
static void
emit(GVirSandboxContext *context, GParamSpec *property, guint signal, const gchar *text)
{
    GVirSandboxContextPrivate *priv = get_private(context);
    Emission *emission = g_new0(Emission, 1);

    emission->context = g_object_ref(context);
    emission->property = property;
    emission->signal = signal;
    emission->text = g_strdup(text);
    if (!priv->emit_context || priv->emit_thread == g_thread_self()) {
        emit_now(emission);
        emission_free(emission);
    } else if (priv->emit_thread) {
        emit_and_wait(priv, emission);
    } else {
        emit_later(priv->emit_context, emission);
    }
}

/* Lets others see the domain that the context has now. */
static void
show_domain(GVirSandboxContext *context)
{
    GVirSandboxContextPrivate *priv = get_private(context);
    g_autoptr(GVirSandboxDriver) driver =
        priv->domain ? gvir_sandbox_driver_of_connection(priv->connection, NULL) : NULL;
    guint process = driver ? gvir_sandbox_running_domain_get_process(priv->domain, driver->root) : 0;
    GVirDomain *domain = priv->domain ? gvir_sandbox_running_domain_get_object(priv->domain) : NULL;
    gboolean changed;

    g_mutex_lock(&priv->shown_lock);
    changed = g_set_object(&priv->shown, domain);
    priv->process = process;
    g_mutex_unlock(&priv->shown_lock);
    if (changed && priv->depth > 0)
        emit(context, properties[PROP_DOMAIN], 0, NULL);
}

static GVirDomain *
dup_shown_domain(GVirSandboxContextPrivate *priv)
{
    GVirDomain *domain;

    g_mutex_lock(&priv->shown_lock);
    domain = priv->shown ? g_object_ref(priv->shown) : NULL;
    g_mutex_unlock(&priv->shown_lock);
    return domain;
}

static void
gvir_sandbox_context_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    GVirSandboxContextPrivate *priv = get_private(GVIR_SANDBOX_CONTEXT(object));

    switch (id) {
    case PROP_CONNECTION:
        g_value_set_object(value, priv->connection);
        break;
    case PROP_CONFIG:
        g_value_set_object(value, priv->config);
        break;
    case PROP_DOMAIN:
        g_value_take_object(value, dup_shown_domain(priv));
        break;
    case PROP_IMPATIENT:
        g_value_set_boolean(value, g_atomic_int_get(&priv->impatient));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_context_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    GVirSandboxContextPrivate *priv = get_private(GVIR_SANDBOX_CONTEXT(object));

    switch (id) {
    case PROP_CONNECTION:
        priv->connection = g_value_dup_object(value);
        break;
    case PROP_CONFIG:
        priv->config = g_value_dup_object(value);
        break;
    case PROP_IMPATIENT:
        gvir_sandbox_context_set_impatient(GVIR_SANDBOX_CONTEXT(object), g_value_get_boolean(value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
drop_descriptor(GVirSandboxContextPrivate *priv)
{
    if (priv->descriptor >= 0)
        close(priv->descriptor);
    priv->descriptor = -1;
}

static void
drop_last_words(GVirSandboxContextPrivate *priv)
{
    if (priv->last_words)
        gvir_sandbox_last_words_close(priv->last_words);
    g_clear_pointer(&priv->last_words, gvir_sandbox_last_words_unref);
}

/* Gives up the domain, which is gone or not ours, and what belongs to it on the host. */
static void
forget_domain(GVirSandboxContext *context)
{
    GVirSandboxContextPrivate *priv = get_private(context);

    drop_descriptor(priv);
    drop_last_words(priv);
    g_clear_pointer(&priv->domain, gvir_sandbox_running_domain_free);
    g_clear_object(&priv->builder);
    g_clear_pointer(&priv->state, gvir_sandbox_state_free);
    priv->attached = FALSE;
    g_atomic_int_set(&priv->end_expected, FALSE);
    show_domain(context);
}

/* Whether the sandbox is ours to end, and libvirt cannot do it any more. */
static gboolean
is_orphan(GVirSandboxContextPrivate *priv)
{
    return priv->state && gvir_sandbox_running_domain_is_lost(priv->domain);
}

/* Ends the domain by libvirt, or without it where that has gone, be it in the middle of this. */
static gboolean
end_running(GVirSandboxContextPrivate *priv, guint patience, gboolean impatient, GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (!is_orphan(priv)) {
        if (gvir_sandbox_running_domain_end(priv->domain, patience, impatient, &failure))
            return TRUE;
        if (!is_orphan(priv)) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return FALSE;
        }
    }
    gvir_sandbox_running_domain_kill(priv->domain);
    gvir_sandbox_creation_clear(priv->builder, priv->state);
    return TRUE;
}

/* Ends the domain, and gives up all that belongs to it. */
static gboolean
end_domain(GVirSandboxContext *context, GError **error)
{
    GVirSandboxContextPrivate *priv = get_private(context);
    const gboolean impatient = g_atomic_int_get(&priv->impatient);
    const guint patience = g_atomic_int_get(&priv->end_expected) ? END_PATIENCE_MSEC : 0;
    gboolean cleaned = TRUE;

    drop_descriptor(priv);
    if (!end_running(priv, patience, impatient, error))
        return FALSE;
    if (impatient) {
        g_clear_pointer(&priv->ended, gvir_sandbox_running_domain_free);
        priv->ended = g_steal_pointer(&priv->domain);
    }
    if (priv->builder)
        cleaned = gvir_sandbox_builder_clean_post_stop(priv->builder, priv->config,
                                                       gvir_sandbox_state_get_path(priv->state), error);
    gvir_sandbox_moment_passed("stop");
    forget_domain(context);
    return cleaned;
}

static void
gvir_sandbox_context_finalize(GObject *object)
{
    GVirSandboxContext *context = GVIR_SANDBOX_CONTEXT(object);
    GVirSandboxContextPrivate *priv = get_private(context);

    if (priv->domain && !priv->attached)
        end_domain(context, NULL);
    forget_domain(context);
    g_clear_pointer(&priv->ended, gvir_sandbox_running_domain_free);
    g_clear_object(&priv->config);
    g_clear_object(&priv->connection);
    g_cond_clear(&priv->emitted);
    g_mutex_clear(&priv->shown_lock);
    g_rec_mutex_clear(&priv->lock);
    G_OBJECT_CLASS(gvir_sandbox_context_parent_class)->finalize(object);
}

static gboolean
fail_state(GError **error, const gchar *what)
{
    g_set_error_literal(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE, what);
    return FALSE;
}

static void
pass_progress_on(GVirSandboxContext *context, const gchar *text)
{
    emit(context, NULL, signals[SIGNAL_PROGRESS], text);
}

static GVirSandboxBuilder *
choose_builder(GVirSandboxContext *context, GError **error)
{
    GVirSandboxContextPrivate *priv = get_private(context);
    GVirSandboxBuilder *builder = gvir_sandbox_creation_choose_builder(priv->connection, priv->config, error);

    if (builder)
        g_signal_connect_object(builder, "progress", G_CALLBACK(pass_progress_on), context, G_CONNECT_SWAPPED);
    return builder;
}

static GVirSandboxState *
make_state(GVirSandboxContextPrivate *priv, GVirSandboxBuilder *builder, GError **error)
{
    return gvir_sandbox_creation_make_state(builder, gvir_sandbox_config_get_name(priv->config), error);
}

/* Asked before each step of a start. */
static gboolean
is_cancelled(GError **error)
{
    return g_cancellable_set_error_if_cancelled(g_cancellable_get_current(), error);
}

static GVirSandboxRunningDomain *
create_domain(GVirSandboxContext *context, GVirSandboxBuilder *builder, GVirSandboxState *state, int *descriptor,
              GError **error)
{
    GVirSandboxContextPrivate *priv = get_private(context);
    g_autofree gchar *xml =
        gvir_sandbox_creation_describe(builder, priv->config, gvir_sandbox_state_get_path(state), error);

    if (!xml || is_cancelled(error))
        return NULL;
    gvir_sandbox_moment_passed("define");
    emit(context, NULL, signals[SIGNAL_CREATING], NULL);
    return gvir_sandbox_creation_run(priv->connection, priv->config, builder, xml, descriptor, error);
}

static gboolean
gvir_sandbox_context_real_start(GVirSandboxContext *context, GError **error)
{
    GVirSandboxContextPrivate *priv = get_private(context);
    g_autoptr(GVirSandboxBuilder) builder = NULL;
    g_autoptr(GVirSandboxState) state = NULL;
    int descriptor = -1;

    if (priv->domain)
        return fail_state(error, _("the sandbox was started already"));
    builder = choose_builder(context, error);
    gvir_sandbox_moment_passed("capabilities");
    state = builder && !is_cancelled(error) ? make_state(priv, builder, error) : NULL;
    if (!state)
        return FALSE;
    priv->domain = create_domain(context, builder, state, &descriptor, error);
    if (!priv->domain) {
        /* A daemon that died over it may have left a machine behind. */
        gvir_sandbox_creation_clear(builder, state);
        gvir_sandbox_builder_clean_post_stop(builder, priv->config, gvir_sandbox_state_get_path(state), NULL);
        gvir_sandbox_creation_find_busy(builder, priv->config, error);
        return FALSE;
    }

    gvir_sandbox_moment_passed("create");
    priv->descriptor = descriptor;
    priv->builder = g_steal_pointer(&builder);
    priv->state = g_steal_pointer(&state);
    show_domain(context);
    if (gvir_sandbox_builder_clean_post_start(priv->builder, priv->config, gvir_sandbox_state_get_path(priv->state),
                                              error))
        return TRUE;
    /* Half a sandbox is none. */
    end_domain(context, NULL);
    return FALSE;
}

static gboolean
gvir_sandbox_context_real_stop(GVirSandboxContext *context, GError **error)
{
    GVirSandboxContextPrivate *priv = get_private(context);

    if (!priv->domain)
        return fail_state(error, _("the sandbox is not running"));
    return end_domain(context, error);
}

static gboolean
gvir_sandbox_context_real_attach(GVirSandboxContext *context, GError **error)
{
    GVirSandboxContextPrivate *priv = get_private(context);

    if (priv->domain)
        return fail_state(error, _("the sandbox was started or attached already"));
    priv->domain =
        gvir_sandbox_running_domain_find(priv->connection, gvir_sandbox_config_get_name(priv->config), error);
    priv->attached = priv->domain != NULL;
    show_domain(context);
    return priv->attached;
}

static gboolean
gvir_sandbox_context_real_detach(GVirSandboxContext *context, GError **error)
{
    GVirSandboxContextPrivate *priv = get_private(context);

    if (!priv->domain)
        return fail_state(error, _("the sandbox is neither started nor attached"));
    if (!priv->attached)
        gvir_sandbox_left_keep(priv->connection, priv->config, g_steal_pointer(&priv->domain),
                               g_steal_pointer(&priv->builder), g_steal_pointer(&priv->state));
    forget_domain(context);
    return TRUE;
}

static void
install_signals(GVirSandboxContextClass *klass)
{
    /**
     * GVirSandboxContext::progress:
     * @context: the context
     * @text: what it does now, a line for people
     *
     * Starting has come to something that takes longer than people wait without a word. Emitted in the
     * thread of who calls gvir_sandbox_context_start(), or in the main context of who calls
     * gvir_sandbox_context_start_async().
     *
     * Since: 0.9.0
     */
    signals[SIGNAL_PROGRESS] = g_signal_new("progress", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                            NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

    /**
     * GVirSandboxContext::creating:
     * @context: the context
     *
     * All is checked and ready, and the domain is created next. Emitted where
     * #GVirSandboxContext::progress is.
     *
     * Since: 0.9.0
     */
    signals[SIGNAL_CREATING] =
        g_signal_new("creating", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gvir_sandbox_context_class_init(GVirSandboxContextClass *klass)
{
    const GParamFlags at_construction = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
    GObjectClass *object_class = G_OBJECT_CLASS(klass);

    object_class->get_property = gvir_sandbox_context_get_property;
    object_class->set_property = gvir_sandbox_context_set_property;
    object_class->finalize = gvir_sandbox_context_finalize;
    klass->start = gvir_sandbox_context_real_start;
    klass->stop = gvir_sandbox_context_real_stop;
    klass->attach = gvir_sandbox_context_real_attach;
    klass->detach = gvir_sandbox_context_real_detach;

    /**
     * GVirSandboxContext:connection:
     *
     * The connection that the sandbox is started with.
     */
    properties[PROP_CONNECTION] = g_param_spec_object("connection", NULL, "The connection to start it with",
                                                      GVIR_TYPE_CONNECTION, at_construction);
    /**
     * GVirSandboxContext:config:
     *
     * What the sandbox is.
     */
    properties[PROP_CONFIG] =
        g_param_spec_object("config", NULL, "What the sandbox is", GVIR_SANDBOX_TYPE_CONFIG, at_construction);
    /**
     * GVirSandboxContext:domain:
     *
     * The domain of the running sandbox, or %NULL.
     */
    properties[PROP_DOMAIN] = g_param_spec_object("domain", NULL, "The domain of the running sandbox", GVIR_TYPE_DOMAIN,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    /**
     * GVirSandboxContext:impatient:
     *
     * gvir_sandbox_context_stop() returns when the processes of the sandbox are gone and its state is removed,
     * and does not wait for libvirt to take note of it, which may take 200 ms more. For a program that ends
     * then. To be set before the start; where the processes are not known, or libvirt has more to do, it
     * changes nothing.
     *
     * Since: 0.9.0
     */
    properties[PROP_IMPATIENT] =
        g_param_spec_boolean("impatient", NULL, "Whether not to wait for libvirt to note the end", FALSE,
                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
    install_signals(klass);
}

static void
gvir_sandbox_context_init(GVirSandboxContext *context)
{
    GVirSandboxContextPrivate *priv = get_private(context);

    g_rec_mutex_init(&priv->lock);
    g_mutex_init(&priv->shown_lock);
    g_cond_init(&priv->emitted);
    priv->descriptor = -1;
}

int
gvir_sandbox_context_take_descriptor(GVirSandboxContext *context)
{
    GVirSandboxContextPrivate *priv = get_private(context);
    int descriptor;

    g_rec_mutex_lock(&priv->lock);
    descriptor = priv->descriptor;
    priv->descriptor = -1;
    g_rec_mutex_unlock(&priv->lock);
    return descriptor;
}

gboolean
gvir_sandbox_context_adopt(GVirSandboxContext *context, GVirSandboxRunningDomain *domain, GError **error)
{
    GVirSandboxContextPrivate *priv = get_private(context);

    if (!domain)
        return FALSE;
    priv->domain = domain;
    priv->attached = TRUE;
    show_domain(context);
    return TRUE;
}

GVirSandboxRunningDomain *
gvir_sandbox_context_get_running(GVirSandboxContext *context)
{
    return get_private(context)->domain;
}

void
gvir_sandbox_context_expect_end(GVirSandboxContext *context)
{
    g_atomic_int_set(&get_private(context)->end_expected, TRUE);
}

GError *
gvir_sandbox_context_why_ended(GVirSandboxContext *context, gboolean hung_up)
{
    GVirSandboxContextPrivate *priv = get_private(context);
    const gchar *reason = NULL;
    GError *error = NULL;

    /* Whoever starts or stops it now will say what went wrong. */
    if (!g_rec_mutex_trylock(&priv->lock))
        return NULL;
    if (priv->domain && gvir_sandbox_running_domain_is_lost(priv->domain))
        error = g_error_new(GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_CONNECTION,
                            _("the connection to libvirt was lost: %s ended or was restarted"),
                            gvir_connection_get_uri(priv->connection));
    else if (priv->domain && hung_up)
        reason = gvir_sandbox_running_domain_why_ended(priv->domain);
    if (reason)
        error = g_error_new(GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_GUEST,
                            _("the sandbox ended before its program did: %s"), reason);
    g_rec_mutex_unlock(&priv->lock);
    return error;
}

/**
 * gvir_sandbox_context_set_impatient:
 * @context: the context
 * @impatient: %TRUE to wait for no more than the end of the processes
 *
 * Sets #GVirSandboxContext:impatient.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_context_set_impatient(GVirSandboxContext *context, gboolean impatient)
{
    GVirSandboxContextPrivate *priv;

    g_return_if_fail(GVIR_SANDBOX_IS_CONTEXT(context));

    priv = get_private(context);
    impatient = !!impatient;
    if (g_atomic_int_get(&priv->impatient) == impatient)
        return;
    g_atomic_int_set(&priv->impatient, impatient);
    g_object_notify_by_pspec(G_OBJECT(context), properties[PROP_IMPATIENT]);
}

/**
 * gvir_sandbox_context_get_impatient:
 * @context: the context
 *
 * Gets #GVirSandboxContext:impatient.
 *
 * Returns: %TRUE if stopping waits for no more than the end of the processes
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_context_get_impatient(GVirSandboxContext *context)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT(context), FALSE);

    return g_atomic_int_get(&get_private(context)->impatient);
}

/**
 * gvir_sandbox_context_get_connection:
 * @context: the context
 *
 * Gives the connection of the context.
 *
 * Returns: (transfer full) (nullable): the connection that the sandbox is started with, or %NULL if it has none
 */
GVirConnection *
gvir_sandbox_context_get_connection(GVirSandboxContext *context)
{
    GVirConnection *connection;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT(context), NULL);

    connection = get_private(context)->connection;
    return connection ? g_object_ref(connection) : NULL;
}

/**
 * gvir_sandbox_context_get_config:
 * @context: the context
 *
 * Gives the description of the sandbox.
 *
 * Returns: (transfer full) (nullable): what the sandbox is, or %NULL if the context was made without
 */
GVirSandboxConfig *
gvir_sandbox_context_get_config(GVirSandboxContext *context)
{
    GVirSandboxConfig *config;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT(context), NULL);

    config = get_private(context)->config;
    return config ? g_object_ref(config) : NULL;
}

/**
 * gvir_sandbox_context_get_domain:
 * @context: the context
 * @error: return location for an error, or %NULL
 *
 * Gives the domain of the sandbox, and does not wait while that is started or stopped.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_STATE if the sandbox is neither started nor attached.
 *
 * Returns: (transfer full): the domain of the sandbox
 */
GVirDomain *
gvir_sandbox_context_get_domain(GVirSandboxContext *context, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    GVirDomain *domain;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT(context), NULL);

    domain = dup_shown_domain(get_private(context));
    if (!domain)
        fail_state(error, _("the sandbox is not running"));
    return domain;
}

/**
 * gvir_sandbox_context_get_process_id:
 * @context: the context
 *
 * The process of the host that is the running machine, where the driver is embedded in this process.
 * A program that is the subreaper of its children has to wait for it.
 *
 * Returns: the process id, or 0 if it is not known
 *
 * Since: 0.9.0
 */
guint
gvir_sandbox_context_get_process_id(GVirSandboxContext *context)
{
    GVirSandboxContextPrivate *priv;
    guint process;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT(context), 0);

    priv = get_private(context);
    g_mutex_lock(&priv->shown_lock);
    process = priv->process;
    g_mutex_unlock(&priv->shown_lock);
    return process;
}

gpointer
gvir_sandbox_context_describe_now(GVirSandboxContext *context, GError **error)
{
    GVirSandboxContextPrivate *priv = get_private(context);
    g_autoptr(GVirSandboxBuilder) builder = choose_builder(context, error);
    g_autoptr(GVirSandboxState) state = builder ? make_state(priv, builder, error) : NULL;
    g_autofree gchar *xml = NULL;

    if (!state)
        return NULL;
    xml = gvir_sandbox_creation_describe(builder, priv->config, gvir_sandbox_state_get_path(state), error);
    if (!gvir_sandbox_builder_clean_post_stop(builder, priv->config, gvir_sandbox_state_get_path(state),
                                              xml ? error : NULL))
        return NULL;
    return g_steal_pointer(&xml);
}

static GQuark
config_type_quark(void)
{
    return g_quark_from_static_string("gvir-sandbox-context-config-type");
}

void
gvir_sandbox_context_class_set_config_type(GVirSandboxContextClass *klass, GType type)
{
    g_type_set_qdata(G_TYPE_FROM_CLASS(klass), config_type_quark(), GSIZE_TO_POINTER(type));
}

gboolean
gvir_sandbox_context_check_complete(GVirSandboxContext *context, GError **error)
{
    GVirSandboxContextPrivate *priv = get_private(context);
    GType type = GPOINTER_TO_SIZE(g_type_get_qdata(G_OBJECT_TYPE(context), config_type_quark()));

    if (!priv->connection)
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                    _("connection: the context was made without one"));
    else if (!priv->config)
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                    _("configuration: the context was made without one"));
    else if (type != 0 && !g_type_is_a(G_OBJECT_TYPE(priv->config), type))
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                    _("configuration: a %s is not a %s, which this kind of context needs"),
                    G_OBJECT_TYPE_NAME(priv->config), g_type_name(type));
    else
        return TRUE;
    return FALSE;
}

typedef struct {
    GVirSandboxContext *context;
    GVirSandboxContextMethod method; /* or else */
    GVirSandboxContextGetter getter;
    GMainContext *emit_context;
    GThread *emit_thread;
    gboolean from_handler; /* for which the lock is held */
    GError **error;
} Call;

static gpointer
call_complete(const Call *call)
{
    if (!gvir_sandbox_context_check_complete(call->context, call->error))
        return NULL;
    return call->method ? GINT_TO_POINTER(call->method(call->context, call->error))
                        : call->getter(call->context, call->error);
}

static gpointer
call_locked(gpointer user_data)
{
    const Call *call = user_data;
    GVirSandboxContextPrivate *priv = get_private(call->context);
    gpointer result;

    if (!call->from_handler)
        g_rec_mutex_lock(&priv->lock);
    /* One that another one calls emits where that does. */
    if (priv->depth++ == 0) {
        priv->emit_context = call->emit_context;
        priv->emit_thread = call->emit_thread;
    }
    result = call_complete(call);
    if (--priv->depth == 0)
        priv->emit_context = NULL;
    if (!call->from_handler)
        g_rec_mutex_unlock(&priv->lock);
    return result;
}

/* Handlers of signals are called in @caller, or where that is NULL in this thread. */
static gpointer
call_from(Call *call, GMainContext *caller)
{
    G_GNUC_UNUSED g_autoptr(GVirSandboxContext) kept = g_object_ref(call->context);
    g_autoptr(GMainContext) served = caller ? NULL : g_main_context_new();

    call->from_handler = g_atomic_pointer_get(&get_private(call->context)->handling) == (gpointer)g_thread_self();
    call->emit_context = caller ? caller : served;
    call->emit_thread = caller ? NULL : g_thread_self();
    return gvir_sandbox_open_umask_call_serving(call_locked, call, served);
}

gpointer
gvir_sandbox_context_get_locked(GVirSandboxContext *context, GVirSandboxContextGetter getter, GMainContext *caller,
                                GError **error)
{
    Call call = { .context = context, .getter = getter, .error = error };

    return call_from(&call, caller);
}

gboolean
gvir_sandbox_context_call_locked(GVirSandboxContext *context, GVirSandboxContextMethod method, GMainContext *caller,
                                 GError **error)
{
    Call call = { .context = context, .method = method, .error = error };

    return GPOINTER_TO_INT(call_from(&call, caller));
}

/**
 * gvir_sandbox_context_describe:
 * @context: the context
 * @error: return location for an error, or %NULL
 *
 * The description with which libvirt would be asked to create the domain. The files that it names are made
 * for it and removed again; nothing is started.
 *
 * Sets @error as gvir_sandbox_context_start() does.
 *
 * Returns: (transfer full): XML
 *
 * Since: 0.9.0
 */
gchar *
gvir_sandbox_context_describe(GVirSandboxContext *context, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT(context), NULL);

    return gvir_sandbox_context_get_locked(context, gvir_sandbox_context_describe_now, NULL, error);
}

/**
 * gvir_sandbox_context_start:
 * @context: the context
 * @error: return location for an error, or %NULL
 *
 * Creates the domain of the sandbox and returns when it runs; its program starts when the application's
 * console is attached. Blocks for as long as libvirt takes for that, and where no kernel was prepared yet
 * for as long as that takes; gvir_sandbox_context_start_async() does not.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID, %GVIR_SANDBOX_ERROR_NOT_FOUND, %GVIR_SANDBOX_ERROR_DENIED or
 * %GVIR_SANDBOX_ERROR_UNSUPPORTED for a configuration that cannot be, to %GVIR_SANDBOX_ERROR_BUSY where a
 * sandbox of that name runs, to %GVIR_SANDBOX_ERROR_STATE if it was started already, and to
 * %GVIR_SANDBOX_ERROR_CONNECTION or %GVIR_SANDBOX_ERROR_FAILED if libvirt cannot create the domain. Nothing
 * is left behind then.
 *
 * Returns: %TRUE if the sandbox runs
 */
gboolean
gvir_sandbox_context_start(GVirSandboxContext *context, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT(context), FALSE);

    return gvir_sandbox_context_call_locked(context, GVIR_SANDBOX_CONTEXT_GET_CLASS(context)->start, NULL, error);
}

/**
 * gvir_sandbox_context_stop:
 * @context: the context
 * @error: return location for an error, or %NULL
 *
 * Ends the sandbox and removes its state on the host. Where its program has ended the guest is given time
 * to end by itself; else it is destroyed.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_STATE if the sandbox does not run, and to
 * %GVIR_SANDBOX_ERROR_CONNECTION or %GVIR_SANDBOX_ERROR_FAILED if libvirt cannot end it.
 *
 * Returns: %TRUE if the sandbox is gone
 */
gboolean
gvir_sandbox_context_stop(GVirSandboxContext *context, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT(context), FALSE);

    return gvir_sandbox_context_call_locked(context, GVIR_SANDBOX_CONTEXT_GET_CLASS(context)->stop, NULL, error);
}

/**
 * gvir_sandbox_context_attach:
 * @context: the context
 * @error: return location for an error, or %NULL
 *
 * Finds the running sandbox with the name of the configuration, which somebody else started.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_NOT_FOUND if there is none, and to %GVIR_SANDBOX_ERROR_STATE if the
 * context has a sandbox already.
 *
 * Returns: %TRUE if the context is attached
 */
gboolean
gvir_sandbox_context_attach(GVirSandboxContext *context, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT(context), FALSE);

    return gvir_sandbox_context_call_locked(context, GVIR_SANDBOX_CONTEXT_GET_CLASS(context)->attach, NULL, error);
}

/**
 * gvir_sandbox_context_detach:
 * @context: the context
 * @error: return location for an error, or %NULL
 *
 * Leaves a sandbox that was attached or started; it runs on. One that was started ends at the latest when the
 * connection is closed that it was started with.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_STATE if the sandbox is neither started nor attached.
 *
 * Returns: %TRUE if the context is detached
 */
gboolean
gvir_sandbox_context_detach(GVirSandboxContext *context, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT(context), FALSE);

    return gvir_sandbox_context_call_locked(context, GVIR_SANDBOX_CONTEXT_GET_CLASS(context)->detach, NULL, error);
}

/**
 * gvir_sandbox_context_is_attached:
 * @context: the context
 *
 * Tells whether there is a sandbox to talk to, and does not wait while it is started or stopped.
 *
 * Returns: whether the context has a sandbox, started or attached
 */
gboolean
gvir_sandbox_context_is_attached(GVirSandboxContext *context)
{
    g_autoptr(GVirDomain) domain = NULL;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT(context), FALSE);

    domain = dup_shown_domain(get_private(context));
    return domain != NULL;
}

/* Where libvirt's own way would need more of the host. */
static gboolean
lead_to_socket(GVirSandboxContext *context, GVirSandboxConsoleRaw *console, const gchar *name, GError **error)
{
    g_autoptr(GVirSandboxConfig) config = gvir_sandbox_context_get_config(context);
    g_autofree gchar *base = gvir_sandbox_state_get_base(error);
    g_autofree gchar *directory = base ? g_build_filename(base, gvir_sandbox_config_get_name(config), NULL) : NULL;
    g_autofree gchar *path = directory ? gvir_sandbox_builder_machine_socket(directory, name) : NULL;

    gvir_sandbox_console_raw_set_socket(console, path);
    return path != NULL;
}

static GVirSandboxConsole *
make_console(GVirSandboxContext *context, const gchar *machine_name, const gchar *container_name, GError **error)
{
    g_autoptr(GVirConnection) connection = gvir_sandbox_context_get_connection(context);
    g_autoptr(GVirDomain) domain = gvir_sandbox_context_get_domain(context, error);
    g_autoptr(GVirSandboxDriver) driver = domain ? gvir_sandbox_driver_of_connection(connection, error) : NULL;
    g_autoptr(GVirSandboxConsoleRaw) console = NULL;
    gboolean container;

    if (!driver)
        return NULL;
    container = g_str_equal(driver->driver, "lxc");
    console = gvir_sandbox_console_raw_new(connection, domain, container ? container_name : machine_name);
    if (gvir_sandbox_driver_is_embedded(driver) && !lead_to_socket(context, console, machine_name, error))
        return NULL;
    return GVIR_SANDBOX_CONSOLE(g_steal_pointer(&console));
}

GVirSandboxLastWords *
gvir_sandbox_context_read_last_words(GVirSandboxContext *context)
{
    GVirSandboxContextPrivate *priv = get_private(context);
    g_autoptr(GVirSandboxDriver) driver = gvir_sandbox_driver_of_connection(priv->connection, NULL);
    GMainContext *caller = priv->emit_context ? priv->emit_context : g_main_context_get_thread_default();
    g_autoptr(GVirSandboxConsole) log = NULL;

    /* libvirt delivers the log in the default main context. Where the caller runs another, nobody might read it, and a
     * guest waits for who does. */
    if (caller && caller != g_main_context_default())
        return NULL;
    /* With debug the whole log is wanted. */
    if (!driver || g_str_equal(driver->driver, "lxc") || gvir_sandbox_config_get_debug(priv->config))
        return NULL;
    log = make_console(context, GVIR_SANDBOX_CONSOLE_LOG_MACHINE, GVIR_SANDBOX_CONSOLE_LOG_CONTAINER, NULL);
    if (log)
        priv->last_words = gvir_sandbox_last_words_new(GVIR_SANDBOX_CONSOLE_RAW(log));
    return priv->last_words;
}

/**
 * gvir_sandbox_context_get_log_console:
 * @context: the context
 * @error: return location for an error, or %NULL
 *
 * Makes a console on what kernel and init of the guest print.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_STATE if the sandbox does not run.
 *
 * Returns: (transfer full): a new console
 */
GVirSandboxConsole *
gvir_sandbox_context_get_log_console(GVirSandboxContext *context, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT(context), NULL);

    g_rec_mutex_lock(&get_private(context)->lock);
    drop_last_words(get_private(context));
    g_rec_mutex_unlock(&get_private(context)->lock);
    return make_console(context, GVIR_SANDBOX_CONSOLE_LOG_MACHINE, GVIR_SANDBOX_CONSOLE_LOG_CONTAINER, error);
}

/* Of a sandbox that somebody else started only the domain can tell. */
static gboolean
has_console(GVirSandboxContext *context, const gchar *name, GError **error)
{
    g_autoptr(GVirDomain) domain = gvir_sandbox_context_get_domain(context, error);
    g_autoptr(GVirConfigDomain) description = domain ? gvir_domain_get_config(domain, 0, error) : NULL;
    g_autofree gchar *alias = g_strdup_printf("\"%s\"", name);
    g_autofree gchar *xml = NULL;

    if (!description)
        return FALSE;
    xml = gvir_config_object_to_xml(GVIR_CONFIG_OBJECT(description));
    if (strstr(xml, alias))
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE, _("the sandbox was configured without a shell"));
    return FALSE;
}

/**
 * gvir_sandbox_context_get_shell_console:
 * @context: the context
 * @error: return location for an error, or %NULL
 *
 * Makes a console on the shell of a sandbox that was started with one, by whomever.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_STATE if the sandbox does not run or has no shell.
 *
 * Returns: (transfer full): a new console
 */
GVirSandboxConsole *
gvir_sandbox_context_get_shell_console(GVirSandboxContext *context, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    GVirSandboxConsole *console;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT(context), NULL);

    if (!has_console(context, GVIR_SANDBOX_CONSOLE_SHELL_MACHINE, error))
        return NULL;
    console = make_console(context, GVIR_SANDBOX_CONSOLE_SHELL_MACHINE, GVIR_SANDBOX_CONSOLE_SHELL_CONTAINER, error);
    if (console)
        gvir_sandbox_console_set_direct(console, TRUE);
    return console;
}
