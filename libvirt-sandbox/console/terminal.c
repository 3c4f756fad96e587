/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/terminal-private.h"
#include "libvirt-sandbox/error-private.h"
#include "libvirt-sandbox/i18n-private.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

struct _GVirSandboxTerminal {
    int fd;
    struct termios saved;
};

GVirSandboxTerminal *
gvir_sandbox_terminal_new_raw(int fd, GError **error)
{
    struct termios raw, saved;
    GVirSandboxTerminal *terminal;

    if (tcgetattr(fd, &saved) < 0) {
        gvir_sandbox_error_set_errno(error, errno, _("cannot read the mode of the terminal"));
        return NULL;
    }
    raw = saved;
    cfmakeraw(&raw);
    if (tcsetattr(fd, TCSADRAIN, &raw) < 0) {
        gvir_sandbox_error_set_errno(error, errno, _("cannot set the mode of the terminal"));
        return NULL;
    }

    terminal = g_new0(GVirSandboxTerminal, 1);
    terminal->fd = fd;
    terminal->saved = saved;
    return terminal;
}

void
gvir_sandbox_terminal_free(GVirSandboxTerminal *terminal)
{
    tcsetattr(terminal->fd, TCSADRAIN, &terminal->saved);
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
