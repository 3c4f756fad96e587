/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/program/terminal.h"

#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/root/devices.h"
#include "libvirt-sandbox/init/settings.h"
#include "libvirt-sandbox/init/users.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

static bool
open_pair(struct terminal *terminal)
{
    int unlock = 0;

    terminal->master = devices_open_terminal();
    if (terminal->master < 0 || ioctl(terminal->master, TIOCSPTLCK, &unlock) < 0) {
        return false;
    }
    terminal->slave = ioctl(terminal->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    return terminal->slave >= 0;
}

/*
 * The session of the terminal is led by this process and not by the program, as a shell would lead
 * it: at the end of a session's leader the kernel throws away what of its output was not read yet.
 */
static void
lead_session(int slave)
{
    /* A container's process 1 leads one already, that of the console. */
    setsid();
    ioctl(STDIN_FILENO, TIOCNOTTY);
    if (ioctl(slave, TIOCSCTTY, 0) < 0) {
        fail(GUEST_STAGE_PROGRAM, errno, "terminal");
    }
}

void
terminal_open(struct terminal *terminal, const struct settings *settings)
{
    struct termios mode;

    if (!open_pair(terminal) ||
        fchown(terminal->slave, users_outside(settings->uid), users_outside(TERMINAL_GROUP)) < 0 ||
        fchmod(terminal->slave, 0620) < 0) {
        fail(GUEST_STAGE_PROGRAM, errno, "terminal");
    }
    if (tcgetattr(terminal->slave, &mode) == 0) {
        mode.c_iflag |= IUTF8;
        tcsetattr(terminal->slave, TCSANOW, &mode);
    }
    /* Where nobody types, a program that asks at /dev/tty learns that at once. */
    if (settings->keys) {
        lead_session(terminal->slave);
    }
}

void
terminal_resize(int master, uint16_t rows, uint16_t columns)
{
    struct winsize size = { .ws_row = rows, .ws_col = columns };

    ioctl(master, TIOCSWINSZ, &size);
}

/* The kernel tells only the leader of the session. */
void
terminal_hang_up(int master)
{
    pid_t group = 0;

    if (ioctl(master, TIOCGPGRP, &group) == 0 && group > 1) {
        kill(-group, SIGHUP);
        kill(-group, SIGCONT);
    }
}

size_t
terminal_end_of_input(int master, bool in_line, uint8_t characters[2])
{
    struct termios mode;

    if (tcgetattr(master, &mode) < 0 || !(mode.c_lflag & ICANON) || mode.c_cc[VEOF] == _POSIX_VDISABLE) {
        return 0;
    }
    /* The first only hands over a line that was begun. */
    characters[0] = characters[1] = mode.c_cc[VEOF];
    return in_line ? 2 : 1;
}
