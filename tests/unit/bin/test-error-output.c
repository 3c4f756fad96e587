/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What virt-sandbox says on standard error: nothing waits for its reader, nothing is lost, and lines stay whole. */

#include "bin/messages/error-output.h"
#include "bin/messages/message.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINES 10000
#define THREADS 4
#define PATIENCE_MSEC 20000

static gboolean
is_idle(int milliseconds)
{
    struct pollfd pollfd = { .fd = error_output_get_idle_fd(), .events = POLLIN };

    return poll(&pollfd, 1, milliseconds) > 0;
}

/* Each case has a process of its own, whose standard error is @fd. */
static pid_t
speak(void (*say)(void), int fd)
{
    pid_t child = fork();

    if (child == 0) {
        dup2(fd, STDERR_FILENO);
        signal(SIGPIPE, SIG_IGN);
        /* What waits for ever fails the test, and not only hangs it. */
        alarm(60);
        say();
        _exit(0);
    }
    close(fd);
    return child;
}

static void
expect_success(pid_t child)
{
    int status;

    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_cmpint(status, ==, 0);
}

/* A pipe by which it is told that all was said. */
static int said[2];

static void
say_much(void)
{
    for (int i = 0; i < LINES; i++)
        message("this is line %d of many", i);
    if (is_idle(0) || !error_output_is_full() || write(said[1], "", 1) != 1 || !is_idle(PATIENCE_MSEC) ||
        error_output_is_full())
        _exit(1);
}

static gchar *
read_all(int fd)
{
    g_autoptr(GString) text = g_string_new(NULL);
    gchar chunk[65536];
    gssize got;

    while ((got = read(fd, chunk, sizeof(chunk))) > 0)
        g_string_append_len(text, chunk, got);
    close(fd);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
check_in_order(int fd)
{
    g_autofree gchar *text = read_all(fd);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    g_assert_cmpuint(g_strv_length(lines), ==, LINES + 1);
    for (int i = 0; i < LINES; i++) {
        g_autofree gchar *expected = g_strdup_printf("virt-sandbox: this is line %d of many", i);

        g_assert_cmpstr(lines[i], ==, expected);
    }
}

/* @ends: the second is written to. It stays as it was for others who have it. */
static void
check_late_reader(const int ends[2])
{
    int kept = dup(ends[1]);
    gchar byte;
    pid_t child;

    g_assert_cmpint(pipe(said), ==, 0);
    child = speak(say_much, ends[1]);
    close(said[1]);
    g_assert_cmpint(read(said[0], &byte, 1), ==, 1);
    close(said[0]);
    g_assert_cmpint(fcntl(kept, F_GETFL) & O_NONBLOCK, ==, 0);
    close(kept);
    check_in_order(ends[0]);
    expect_success(child);
}

static void
test_pipe(void)
{
    int ends[2];

    g_assert_cmpint(pipe(ends), ==, 0);
    check_late_reader(ends);
}

static void
test_socket(void)
{
    int ends[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
    check_late_reader(ends);
}

static int unread;

static void
say_to_nobody(void)
{
    close(unread);
    for (int i = 0; i < LINES; i++)
        message("this is line %d of many", i);
    if (!is_idle(PATIENCE_MSEC))
        _exit(1);
}

static void
test_no_reader(void)
{
    int ends[2];
    pid_t child;

    g_assert_cmpint(pipe(ends), ==, 0);
    unread = ends[0];
    child = speak(say_to_nobody, ends[1]);
    g_usleep(G_USEC_PER_SEC / 5);
    close(ends[0]);
    expect_success(child);
}

static gpointer
say_line(gpointer data)
{
    for (int i = 0; i < LINES; i++)
        message("%s", (const gchar *)data);
    return NULL;
}

static void
say_together(void)
{
    GThread *threads[THREADS];

    for (guint i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("author", say_line, i % 2 ? "a long line of one" : "of another");
    for (guint i = 0; i < THREADS; i++)
        g_thread_join(threads[i]);
    if (!is_idle(PATIENCE_MSEC))
        _exit(1);
}

static void
test_threads(void)
{
    g_autofree gchar *text = NULL;
    g_auto(GStrv) lines = NULL;
    int ends[2];
    pid_t child;

    g_assert_cmpint(pipe(ends), ==, 0);
    child = speak(say_together, ends[1]);
    text = read_all(ends[0]);
    expect_success(child);
    lines = g_strsplit(text, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, THREADS * LINES + 1);
    for (guint i = 0; i < THREADS * LINES; i++)
        g_assert_true(g_str_equal(lines[i], "virt-sandbox: a long line of one") ||
                      g_str_equal(lines[i], "virt-sandbox: of another"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/error-output/a-late-reader-of-a-pipe", test_pipe);
    g_test_add_func("/error-output/a-late-reader-of-a-socket", test_socket);
    g_test_add_func("/error-output/no-reader", test_no_reader);
    g_test_add_func("/error-output/threads", test_threads);
    return g_test_run();
}
