/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/local/output-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* What goes to a local pipe, copied or past us, with a reader who takes his time. */

typedef struct {
    GVirSandboxOutput *output;
    int reader;
    int source[2]; /* a socket, from which bytes are spliced */
    gsize sent;
    gsize received;
    gsize left; /* as it was told */
    gsize spliced;
    int failure;
} Fixture;

static guint8
byte_at(gsize position)
{
    return (guint8)(position * 7 + position / 251);
}

static void
written(GVirSandboxOutput *output, gsize length, gpointer user_data)
{
    ((Fixture *)user_data)->left += length;
}

static void
failed(GVirSandboxOutput *output, int saved_errno, gpointer user_data)
{
    ((Fixture *)user_data)->failure = saved_errno;
}

static void
set_up(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    static const GVirSandboxOutputHandlers handlers = { .written = written, .failed = failed };
    int ends[2];

    g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
    fixture->output = gvir_sandbox_output_new(ends[1], &handlers, fixture);
    close(ends[1]);
    fixture->reader = ends[0];
    fcntl(fixture->reader, F_SETFL, O_NONBLOCK);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fixture->source), ==, 0);
}

static void
tear_down(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    gvir_sandbox_output_free(fixture->output);
    if (fixture->reader >= 0)
        close(fixture->reader);
    close(fixture->source[0]);
    close(fixture->source[1]);
}

static void
run_until_quiet(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

static void
make_bytes(guint8 *bytes, gsize start, gsize length)
{
    for (gsize i = 0; i < length; i++)
        bytes[i] = byte_at(start + i);
}

static void
push(Fixture *fixture, gsize length)
{
    g_autofree guint8 *bytes = g_malloc(length);

    make_bytes(bytes, fixture->sent, length);
    fixture->left += gvir_sandbox_output_push(fixture->output, bytes, length);
    fixture->sent += length;
}

/* As the wire does it: what cannot be spliced is copied. */
static void
splice_all(Fixture *fixture, gsize length)
{
    g_autofree guint8 *bytes = g_malloc(length);

    make_bytes(bytes, fixture->sent, length);
    g_assert_cmpint(send(fixture->source[1], bytes, length, 0), ==, (gssize)length);
    while (length > 0) {
        gsize left;
        gssize moved = gvir_sandbox_output_splice(fixture->output, fixture->source[0], length, &left);

        g_assert_cmpint(moved, >=, 0);
        if (moved == 0) {
            moved = recv(fixture->source[0], bytes, length, 0);
            left = gvir_sandbox_output_push(fixture->output, bytes, (gsize)moved);
        } else {
            fixture->spliced += (gsize)moved;
        }
        fixture->left += left;
        fixture->sent += (gsize)moved;
        length -= (gsize)moved;
    }
}

/* What has come, as far as it fits. */
static void
receive(Fixture *fixture, gsize length)
{
    g_autofree guint8 *bytes = g_malloc(length);
    gssize got = read(fixture->reader, bytes, length);

    for (gssize i = 0; i < got; i++)
        g_assert_cmpuint(bytes[i], ==, byte_at(fixture->received + (gsize)i));
    fixture->received += got > 0 ? (gsize)got : 0;
}

static void
receive_all(Fixture *fixture)
{
    while (fixture->received < fixture->sent) {
        receive(fixture, 100000);
        run_until_quiet();
    }
}

static void
test_order(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(1);

    for (guint i = 0; i < 2000; i++) {
        gsize length = (gsize)g_rand_int_range(random, 1, i % 3 == 0 ? 100 : 70000);

        switch (g_rand_int_range(random, 0, 4)) {
        case 0:
            push(fixture, length);
            break;
        case 1:
            splice_all(fixture, length);
            break;
        default:
            receive(fixture, length);
            run_until_quiet();
            break;
        }
        g_assert_cmpuint(fixture->left, <=, fixture->sent);
        g_assert_cmpint(gvir_sandbox_output_is_empty(fixture->output), ==, fixture->left == fixture->sent);
    }
    receive_all(fixture);
    run_until_quiet();
    g_assert_true(gvir_sandbox_output_is_empty(fixture->output));
    g_assert_cmpuint(fixture->left, ==, fixture->sent);
    g_assert_cmpuint(fixture->spliced, >, 1000000);
    g_assert_cmpint(fixture->failure, ==, 0);
}

/* Who detaches takes along what was not read: what was spliced, and what came after it. */
static void
test_steal(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GBytes) bytes = NULL;
    const guint8 *rest;
    gsize size;

    push(fixture, 200000);
    splice_all(fixture, 60000);
    push(fixture, 5000);
    bytes = gvir_sandbox_output_steal_waiting(fixture->output);
    rest = g_bytes_get_data(bytes, &size);
    g_assert_cmpuint(fixture->left + size, ==, 265000);
    g_assert_cmpuint(size, >, 65000);
    for (gsize i = 0; i < size; i++)
        g_assert_cmpuint(rest[i], ==, byte_at(fixture->left + i));
}

/* The socket says nothing yet, or has ended. */
static void
test_nothing(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    gsize left;

    g_assert_cmpint(gvir_sandbox_output_splice(fixture->output, fixture->source[0], 100, &left), ==, -1);
    push(fixture, 200000);
    g_assert_cmpint(gvir_sandbox_output_splice(fixture->output, fixture->source[0], 100, &left), ==, -1);
    shutdown(fixture->source[1], SHUT_WR);
    g_assert_cmpint(gvir_sandbox_output_splice(fixture->output, fixture->source[0], 100, &left), ==, 0);
    g_assert_cmpuint(left, ==, 0);
    receive_all(fixture);
}

/* Where no pipe can be had, what waits goes on waiting. */
static void
test_no_pipe(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    struct rlimit before, none = { 3, 0 };

    push(fixture, 200000);
    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
    none.rlim_max = before.rlim_max;
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &none), ==, 0);
    splice_all(fixture, 50000);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
    g_assert_cmpuint(fixture->spliced, ==, 0);
    receive_all(fixture);
    run_until_quiet();
    g_assert_cmpuint(fixture->left, ==, fixture->sent);
}

/* What was detached comes before all that is spliced to the next reader. */
static void
test_attach(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GBytes) bytes = NULL;
    Fixture next = { 0 };
    gsize size;

    push(fixture, 200000);
    splice_all(fixture, 60000);
    bytes = gvir_sandbox_output_steal_waiting(fixture->output);
    size = g_bytes_get_size(bytes);
    set_up(&next, NULL);
    next.sent = next.received = next.left = fixture->left;
    next.left += gvir_sandbox_output_push(next.output, g_bytes_get_data(bytes, NULL), size);
    next.sent += size;
    splice_all(&next, 60000);
    receive_all(&next);
    run_until_quiet();
    g_assert_cmpuint(next.left, ==, next.sent);
    tear_down(&next, NULL);
}

/* Neither way of writing dies of a reader who is gone. */
static void
test_gone(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    while (gvir_sandbox_output_is_empty(fixture->output))
        splice_all(fixture, 100000);
    push(fixture, 1000);
    close(fixture->reader);
    fixture->reader = -1;
    run_until_quiet();
    g_assert_cmpint(fixture->failure, ==, EPIPE);
    g_assert_true(gvir_sandbox_output_is_empty(fixture->output));
    splice_all(fixture, 5000);
}

#define ADD(name, function) g_test_add("/output/" name, Fixture, NULL, set_up, function, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("order", test_order);
    ADD("steal", test_steal);
    ADD("nothing", test_nothing);
    ADD("no-pipe", test_no_pipe);
    ADD("attach", test_attach);
    ADD("gone", test_gone);
    return g_test_run();
}
