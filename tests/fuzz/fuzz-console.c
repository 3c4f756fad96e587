/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "expect.h"

#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/console/rpc-private.h"
#include "libvirt-sandbox/console/console-private.h"

#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

/* What the console said of the run. */
typedef struct {
    guint exited;
    guint failed;
    guint closed;
} Said;

static void
exited(GVirSandboxConsoleRpc *console G_GNUC_UNUSED, gint status G_GNUC_UNUSED, gpointer user_data)
{
    ((Said *)user_data)->exited++;
}

static void
failed(GVirSandboxConsole *console G_GNUC_UNUSED, const GError *error, gpointer user_data)
{
    expect_clear_error(error);
    ((Said *)user_data)->failed++;
}

static void
closed(GVirSandboxConsole *console G_GNUC_UNUSED, gboolean early G_GNUC_UNUSED, gpointer user_data)
{
    ((Said *)user_data)->closed++;
}

static void
turn(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

/* What the host says is taken, and thrown away. */
static void
drain(int fd)
{
    guint8 bytes[4096];

    while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
        ;
}

/* In pieces of @piece bytes, so that frames come apart. */
static void
speak(int guest, const guint8 *data, gsize size, gsize piece)
{
    while (size > 0) {
        gssize sent = send(guest, data, MIN(size, piece), MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent < 0)
            break;
        data += sent;
        size -= (gsize)sent;
        turn();
        drain(guest);
    }
}

static GVirSandboxConsole *
make_console(int host, Said *said)
{
    GVirSandboxConsoleRpc *console = gvir_sandbox_console_rpc_new(NULL, NULL, "fuzz");

    gvir_sandbox_console_rpc_set_descriptor(console, host);
    gvir_sandbox_console_rpc_set_program(console, "program");
    gvir_sandbox_console_rpc_set_changes(console, NULL);
    /* What is typed is a stream of its own. */
    gvir_sandbox_console_set_terminal(GVIR_SANDBOX_CONSOLE(console), FALSE, TRUE, TRUE);
    g_signal_connect(console, "exited", G_CALLBACK(exited), said);
    g_signal_connect(console, "failed", G_CALLBACK(failed), said);
    g_signal_connect(console, "closed", G_CALLBACK(closed), said);
    return GVIR_SANDBOX_CONSOLE(console);
}

#define INPUT_SIZE 100000

/* A file, of which the guest says how much was read. */
static GUnixInputStream *
make_input(void)
{
    int file = memfd_create("input", MFD_CLOEXEC);

    g_assert_cmpint(ftruncate(file, INPUT_SIZE), ==, 0);
    return G_UNIX_INPUT_STREAM(g_unix_input_stream_new(file, TRUE));
}

/* All that a guest can say, from its first word on. The first byte says in how large pieces. */
int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    static int null = -1;
    g_autoptr(GUnixInputStream) input = make_input();
    g_autoptr(GUnixOutputStream) output = NULL;
    g_autoptr(GVirSandboxConsole) console = NULL;
    g_autoptr(GError) error = NULL;
    Said said = { 0 };
    int ends[2];

    if (size == 0)
        return 0;
    if (null < 0)
        null = open("/dev/null", O_RDWR | O_CLOEXEC);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
    console = make_console(ends[0], &said);
    output = G_UNIX_OUTPUT_STREAM(g_unix_output_stream_new(null, FALSE));
    g_assert_true(gvir_sandbox_console_attach(console, input, output, output, &error));
    speak(ends[1], data + 1, size - 1, data[0] == 0 ? 65536 : data[0]);
    close(ends[1]);
    turn();
    /* Nothing is taken that was not there. */
    g_assert_cmpint(lseek(g_unix_input_stream_get_fd(input), 0, SEEK_CUR), <=, INPUT_SIZE);
    /* Its end comes once, and how it ended before. */
    g_assert_cmpuint(said.closed, <=, 1);
    g_assert_cmpuint(said.exited, <=, said.closed);
    g_assert_cmpuint(said.failed, <=, said.closed);
    g_signal_handlers_disconnect_by_data(console, &said);
    return 0;
}
