/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/state-private.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/*
 * The guard of a process with an embedded driver. Standard input is a socket that the process holds the
 * other end of. When that closes without a word, the process was killed, and what it left is swept: its
 * machines, which would otherwise run on, and its directories. A machine that was just being started is
 * seen by one of the later turns.
 */

#define TURNS 8
#define TURN_USEC 200000

static void
ignore_terminal(void)
{
    setsid();
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
}

/* Whether it ended without clearing up: else it says so with a byte. */
static gboolean
wait_for_end_of_owner(void)
{
    char byte;
    ssize_t got;

    do {
        got = read(STDIN_FILENO, &byte, 1);
    } while (got < 0 && errno == EINTR);
    return got != 1;
}

int
main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
        return 125;
    }
    ignore_terminal();
    if (!wait_for_end_of_owner())
        return 0;
    for (int turn = 0; turn < TURNS; turn++) {
        gvir_sandbox_state_sweep(argv[1]);
        g_usleep(TURN_USEC);
    }
    return 0;
}
