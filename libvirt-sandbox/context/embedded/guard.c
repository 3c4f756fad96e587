/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/state-private.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * The guard of a process with an embedded driver. Standard input is a socket that the process holds the
 * other end of. When that closes without a word, the process was killed, and what it left is swept: its
 * machines, which would otherwise run on, and its directories. A machine that was just being started is
 * seen by one of the later turns.
 *
 * There are two of them, so that one is left where somebody kills a guard and the process it guards. Each
 * knows by a socket when the other has ended, and makes a new one.
 */

#define TURNS 8
#define TURN_USEC 200000
#define RETRY_MSEC 100
#define END_MSEC 2000

typedef enum {
    OWNER_LIVES,
    OWNER_LEFT, /* it has cleared up, and said so with a byte */
    OWNER_KILLED,
} Owner;

static void
ignore_terminal(void)
{
    setsid();
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    /* Nobody waits for the other one. */
    signal(SIGCHLD, SIG_IGN);
}

/* The byte stays, as it is for both. */
static Owner
look_at_owner(void)
{
    char byte;
    ssize_t got;

    do {
        got = recv(STDIN_FILENO, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    } while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN)
        return OWNER_LIVES;
    return got == 1 ? OWNER_LEFT : OWNER_KILLED;
}

/* A socket to the other one; -1 if there is none, and later may be. */
static int
make_other(void)
{
    int ends[2];
    pid_t child;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return -1;
    child = fork();
    if (child == 0)
        setsid();
    close(ends[child == 0 ? 0 : 1]);
    if (child >= 0)
        return ends[child == 0 ? 1 : 0];
    close(ends[0]);
    return -1;
}

static Owner
watch(void)
{
    struct pollfd ends[] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = -1 } };
    Owner owner;

    while ((owner = look_at_owner()) == OWNER_LIVES) {
        if (ends[1].fd >= 0 && ends[1].revents != 0)
            close(ends[1].fd);
        if (ends[1].fd < 0 || ends[1].revents != 0)
            ends[1].fd = make_other();
        poll(ends, 2, ends[1].fd < 0 ? RETRY_MSEC : -1);
    }
    return owner;
}

/* Of the owner, who has said that it ends, or that it goes on without us. */
static void
wait_for_end(void)
{
    struct pollfd end = { .fd = STDIN_FILENO, .events = 0 };

    while (poll(&end, 1, END_MSEC) < 0 && errno == EINTR)
        ;
}

int
main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
        return 125;
    }
    ignore_terminal();
    if (watch() == OWNER_LEFT) {
        /* What libvirt's threads wrote meanwhile. */
        wait_for_end();
        gvir_sandbox_state_sweep(argv[1]);
        return 0;
    }
    for (int turn = 0; turn < TURNS; turn++) {
        gvir_sandbox_state_sweep(argv[1]);
        g_usleep(TURN_USEC);
    }
    return 0;
}
