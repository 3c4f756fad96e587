/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "support.h"
#include "tests.h"

#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define WAITING "echo up; read -r line; echo \"$line\"; exit 6"

static GVirSandboxContext *
context_with(const gchar *name, gboolean shell, gboolean debug)
{
    GVirSandboxContext *context = support_context(name, WAITING);
    g_autoptr(GVirSandboxConfig) config = gvir_sandbox_context_get_config(context);

    gvir_sandbox_config_set_shell(config, shell);
    gvir_sandbox_config_set_debug(config, debug);
    return context;
}

/* A console of libvirt, whose events are in the default main context. */
typedef struct {
    GVirSandboxConsole *console;
    GInputStream *local_in;
    GOutputStream *local_out;
    int input;  /* what the console reads; write here */
    int output; /* what it wrote; does not block */
    GString *text;
    const gchar *wanted;
} RawConsole;

static void
raw_console_open(RawConsole *raw, GVirSandboxConsole *console)
{
    g_autoptr(GError) error = NULL;
    int in[2], out[2];

    g_assert_true(g_unix_open_pipe(in, FD_CLOEXEC, NULL) && g_unix_open_pipe(out, FD_CLOEXEC, NULL));
    raw->console = console;
    raw->local_in = g_unix_input_stream_new(in[0], TRUE);
    raw->local_out = g_unix_output_stream_new(out[1], TRUE);
    raw->input = in[1];
    raw->output = out[0];
    raw->text = g_string_new(NULL);
    g_unix_set_fd_nonblocking(raw->output, TRUE, NULL);
    gvir_sandbox_console_attach(console, G_UNIX_INPUT_STREAM(raw->local_in), G_UNIX_OUTPUT_STREAM(raw->local_out), NULL,
                                &error);
    g_assert_no_error(error);
}

static gboolean
has_wanted(gpointer user_data)
{
    RawConsole *raw = user_data;
    gchar buffer[4096];
    ssize_t got;

    while ((got = read(raw->output, buffer, sizeof(buffer))) > 0)
        g_string_append_len(raw->text, buffer, got);
    return strstr(raw->text->str, raw->wanted) != NULL;
}

static void
raw_console_expect(RawConsole *raw, const gchar *wanted)
{
    raw->wanted = wanted;
    support_run_until(NULL, has_wanted, raw);
}

static void
raw_console_close(RawConsole *raw)
{
    g_autoptr(GError) error = NULL;

    gvir_sandbox_console_detach(raw->console, &error);
    g_assert_no_error(error);
    g_object_unref(raw->console);
    g_object_unref(raw->local_in);
    g_object_unref(raw->local_out);
    close(raw->input);
    close(raw->output);
    g_string_free(raw->text, TRUE);
}

/* What kernel and init say is not in the program's output. */
static void
test_log(void)
{
    g_autoptr(GVirSandboxContext) context = context_with("api-log", FALSE, TRUE);
    /* The log waits for who reads it, and the machine for its log. */
    g_autoptr(Program) program = program_new_in_default(context);
    g_autofree gchar *output = NULL;
    g_autoptr(GError) error = NULL;
    RawConsole raw;

    raw_console_open(&raw, gvir_sandbox_context_get_log_console(context, &error));
    g_assert_no_error(error);
    program_write(program, "over\n");
    program_finish(program);
    output = program_read_all(program, program->output);
    g_assert_cmpstr(output, ==, "up\nover\n");
    raw_console_expect(&raw, "init: ");
    raw_console_expect(&raw, "program has ended");
    raw_console_close(&raw);
    gvir_sandbox_context_stop(context, NULL);
}

/* What somebody does who did not start the sandbox. */
static void
use_shell(const gchar *name)
{
    g_autoptr(GVirSandboxContext) context = support_context(name, "true");
    g_autoptr(GVirSandboxConsole) log = NULL;
    g_autoptr(GError) error = NULL;
    RawConsole raw;

    g_assert_false(gvir_sandbox_context_is_attached(context));
    gvir_sandbox_context_attach(context, &error);
    g_assert_no_error(error);
    g_assert_true(gvir_sandbox_context_is_attached(context));
    g_assert_false(gvir_sandbox_context_attach(context, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE);
    g_clear_error(&error);

    log = gvir_sandbox_context_get_log_console(context, &error);
    g_assert_no_error(error);
    g_assert_true(gvir_sandbox_console_isolate(log, &error));
    g_assert_no_error(error);
    g_assert_true(gvir_sandbox_console_detach(log, &error));

    raw_console_open(&raw, gvir_sandbox_context_get_shell_console(context, &error));
    g_assert_no_error(error);
    g_assert_cmpint(write(raw.input, "echo shell $((40 + 2)) $(id -u)\n", 32), ==, 32);
    raw_console_expect(&raw, "shell 42 0");
    raw_console_close(&raw);

    gvir_sandbox_context_detach(context, &error);
    g_assert_no_error(error);
    g_assert_false(gvir_sandbox_context_is_attached(context));
}

static void
stop_attached(const gchar *name)
{
    g_autoptr(GVirSandboxContext) context = support_context(name, "true");
    g_autoptr(GError) error = NULL;

    gvir_sandbox_context_attach(context, &error);
    g_assert_no_error(error);
    gvir_sandbox_context_stop(context, &error);
    g_assert_no_error(error);
    g_assert_false(gvir_sandbox_context_is_attached(context));
}

/* As if libvirtd had died. */
static void
cut_connection(void)
{
    guint cut = 0;

    signal(SIGPIPE, SIG_IGN);
    for (int fd = 3; fd < 256; fd++) {
        struct sockaddr_un address = { 0 };
        socklen_t length = sizeof(address) - 1;

        if (getpeername(fd, (struct sockaddr *)&address, &length) == 0 && strstr(address.sun_path, "/libvirt"))
            cut += shutdown(fd, SHUT_RDWR) == 0;
    }
    g_assert_cmpuint(cut, >, 0);
}

/* Nobody knows then whether the sandbox is gone. */
static void
stop_without_daemon(const gchar *name)
{
    g_autoptr(GVirSandboxContext) context = support_context(name, "true");
    g_autoptr(GError) error = NULL;

    gvir_sandbox_context_attach(context, &error);
    g_assert_no_error(error);
    cut_connection();
    g_assert_false(gvir_sandbox_context_stop(context, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_CONNECTION);
    g_assert_true(gvir_sandbox_context_is_attached(context));
}

static gboolean failed, closed;

static void
console_failed(GVirSandboxConsole *console G_GNUC_UNUSED, const GError *error, gpointer user_data G_GNUC_UNUSED)
{
    g_assert_nonnull(error);
    failed = TRUE;
}

static void
console_closed(GVirSandboxConsole *console G_GNUC_UNUSED, gboolean early, gpointer user_data G_GNUC_UNUSED)
{
    g_assert_true(early);
    closed = TRUE;
}

static gboolean
is_closed(gpointer user_data G_GNUC_UNUSED)
{
    return closed;
}

/* A log that breaks off is not at its end. */
static void
watch_without_daemon(const gchar *name)
{
    g_autoptr(GVirSandboxContext) context = support_context(name, "true");
    g_autoptr(GVirSandboxConsole) log = NULL;
    g_autoptr(GError) error = NULL;

    gvir_sandbox_context_attach(context, &error);
    g_assert_no_error(error);
    log = gvir_sandbox_context_get_log_console(context, &error);
    g_assert_no_error(error);
    g_signal_connect(log, "failed", G_CALLBACK(console_failed), NULL);
    g_signal_connect(log, "closed", G_CALLBACK(console_closed), NULL);
    g_assert_true(gvir_sandbox_console_isolate(log, &error));
    cut_connection();
    support_run_until(NULL, is_closed, NULL);
    g_assert_true(failed);
}

void
test_attached_run(const gchar *what, const gchar *name)
{
    if (g_str_equal(what, "use-shell"))
        use_shell(name);
    else if (g_str_equal(what, "stop-without-daemon"))
        stop_without_daemon(name);
    else if (g_str_equal(what, "watch-without-daemon"))
        watch_without_daemon(name);
    else
        stop_attached(name);
}

typedef struct {
    gboolean ended;
    gint status;
} Child;

static void
child_ended(GPid pid, gint status, gpointer user_data)
{
    Child *child = user_data;

    child->status = status;
    child->ended = TRUE;
    g_spawn_close_pid(pid);
}

static gboolean
has_ended(gpointer user_data)
{
    return ((Child *)user_data)->ended;
}

/* In another process, where the driver lets it see the sandbox. */
static void
elsewhere(const gchar *what, const gchar *name)
{
    g_autofree gchar *self = g_file_read_link("/proc/self/exe", NULL);
    gchar *arguments[] = { self, (gchar *)what, (gchar *)name, NULL };
    g_autoptr(GError) error = NULL;
    Child child = { 0 };
    GPid pid;

    if (!support_is_container()) {
        test_attached_run(what, name);
        return;
    }
    g_spawn_async(NULL, arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, &error);
    g_assert_no_error(error);
    g_child_watch_add(pid, child_ended, &child);
    support_run_until(NULL, has_ended, &child);
    g_assert_cmpint(child.status, ==, 0);
}

static void
test_detach(void)
{
    g_autoptr(GVirSandboxContext) context = context_with("api-attached", TRUE, FALSE);
    g_autoptr(Program) program = program_new(context);
    g_autofree gchar *output = NULL;

    program_await_output(program);
    elsewhere("use-shell", "api-attached");
    /* It has not noticed. */
    program_write(program, "still here\n");
    program_finish(program);
    g_assert_no_error(program->failure);
    output = program_read_all(program, program->output);
    g_assert_cmpstr(output, ==, "up\nstill here\n");
    gvir_sandbox_context_stop(context, NULL);
    g_assert_false(support_is_left("api-attached"));
}

static GVirConnection *
another_connection(void)
{
    g_autoptr(GError) error = NULL;
    GVirConnection *connection = gvir_sandbox_connection_open(support_is_container() ? "lxc:///" : NULL, &error);

    g_assert_no_error(error);
    return connection;
}

/* Who has started a sandbox can leave it, as in 0.8: it runs on for others, and ends with its connection. */
static void
test_detach_started(void)
{
    g_autoptr(GVirSandboxConfigInteractive) config = gvir_sandbox_config_interactive_new("api-left");
    GVirConnection *connection = another_connection();
    GVirSandboxContext *context = GVIR_SANDBOX_CONTEXT(gvir_sandbox_context_interactive_new(connection, config));
    g_autoptr(GVirSandboxContext) other =
        GVIR_SANDBOX_CONTEXT(gvir_sandbox_context_interactive_new(support_connection(), config));
    g_autoptr(GError) error = NULL;

    g_assert_true(gvir_sandbox_context_start(context, &error));
    g_assert_no_error(error);
    g_assert_true(gvir_sandbox_context_detach(context, &error));
    g_assert_no_error(error);
    g_assert_false(gvir_sandbox_context_is_attached(context));
    g_assert_false(gvir_sandbox_context_stop(context, NULL));
    g_assert_true(gvir_sandbox_context_attach(other, &error));
    g_assert_no_error(error);
    g_assert_true(gvir_sandbox_context_detach(other, &error));
    g_object_unref(context);
    g_assert_true(support_is_left("api-left"));
    g_object_unref(connection);
    g_assert_false(support_is_left("api-left"));
}

static void
test_stop(void)
{
    g_autoptr(GVirSandboxContext) context = context_with("api-ended", FALSE, FALSE);
    g_autoptr(Program) program = program_new(context);
    g_autoptr(GError) error = NULL;

    program_await_output(program);
    elsewhere("stop", "api-ended");
    program_finish(program);
    g_assert_true(program->closed_early);
    /* The one that started it has its files to remove, and the domain is gone already. */
    gvir_sandbox_context_stop(context, &error);
    g_assert_no_error(error);
    g_assert_false(support_is_left("api-ended"));
}

static void
test_lost_daemon(void)
{
    g_autoptr(GVirSandboxContext) context = context_with("api-lost", FALSE, FALSE);
    g_autoptr(Program) program = NULL;

    if (!support_is_container()) {
        g_test_skip("an embedded driver has no daemon to lose");
        return;
    }
    program = program_new(context);
    program_await_output(program);
    elsewhere("stop-without-daemon", "api-lost");
    elsewhere("watch-without-daemon", "api-lost");
    program_write(program, "still here\n");
    program_finish(program);
    g_assert_no_error(program->failure);
    gvir_sandbox_context_stop(context, NULL);
    g_assert_false(support_is_left("api-lost"));
}

void
test_attached_add(void)
{
    g_test_add_func("/attached/lost-daemon", test_lost_daemon);
    g_test_add_func("/attached/log", test_log);
    g_test_add_func("/attached/detach", test_detach);
    g_test_add_func("/attached/detach-started", test_detach_started);
    g_test_add_func("/attached/stop", test_stop);
}
