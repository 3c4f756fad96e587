/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/local/terminal-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

struct _GVirSandboxTerminal {
    int fd;
    gboolean raw;
    struct termios saved;
    GSource *look;
};

gboolean
gvir_sandbox_terminal_is_ours(int fd)
{
    pid_t group = tcgetpgrp(fd);

    /* One that does not control our session knows no foreground. */
    return group < 0 || group == getpgrp();
}

static gboolean
make_raw(GVirSandboxTerminal *terminal, GError **error)
{
    struct termios raw;

    if (tcgetattr(terminal->fd, &terminal->saved) < 0) {
        gvir_sandbox_error_set_errno(error, errno, _("cannot read the mode of the terminal"));
        return FALSE;
    }
    raw = terminal->saved;
    cfmakeraw(&raw);
    /* Somebody else holds it so, as a further sandbox does, and puts it back. */
    if (memcmp(&raw, &terminal->saved, sizeof(raw)) == 0)
        return TRUE;
    /* Not when all is written, for which one that is stopped (Ctrl-S) keeps us waiting. */
    if (tcsetattr(terminal->fd, TCSANOW, &raw) < 0) {
        gvir_sandbox_error_set_errno(error, errno, _("cannot set the mode of the terminal"));
        return FALSE;
    }
    terminal->raw = TRUE;
    return TRUE;
}

/* A terminal that went away meanwhile has no mode to set; who reads it finds that out. */
static gboolean
look_again(gpointer user_data)
{
    GVirSandboxTerminal *terminal = user_data;

    if (!gvir_sandbox_terminal_is_ours(terminal->fd))
        return G_SOURCE_CONTINUE;
    make_raw(terminal, NULL);
    g_clear_pointer(&terminal->look, g_source_unref);
    return G_SOURCE_REMOVE;
}

GVirSandboxTerminal *
gvir_sandbox_terminal_new_raw(int fd, GError **error)
{
    g_autoptr(GVirSandboxTerminal) terminal = g_new0(GVirSandboxTerminal, 1);

    terminal->fd = fd;
    if (gvir_sandbox_terminal_is_ours(fd)) {
        if (!make_raw(terminal, error))
            return NULL;
    } else {
        terminal->look = g_timeout_source_new(GVIR_SANDBOX_TERMINAL_LOOK_MSEC);
        g_source_set_callback(terminal->look, look_again, terminal, NULL);
        g_source_attach(terminal->look, g_main_context_get_thread_default());
    }
    return g_steal_pointer(&terminal);
}

void
gvir_sandbox_terminal_free(GVirSandboxTerminal *terminal)
{
    if (terminal->look)
        g_source_destroy(terminal->look);
    g_clear_pointer(&terminal->look, g_source_unref);
    if (terminal->raw && gvir_sandbox_terminal_is_ours(terminal->fd))
        tcsetattr(terminal->fd, TCSANOW, &terminal->saved);
    g_free(terminal);
}

gboolean
gvir_sandbox_terminal_get_size(int fd, guint16 *rows, guint16 *columns)
{
    struct winsize size;

    if (ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_row == 0 || size.ws_col == 0)
        return FALSE;
    *rows = size.ws_row;
    *columns = size.ws_col;
    return TRUE;
}
