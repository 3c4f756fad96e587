/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * there-and-back stream MIB [COMMAND…]
 * there-and-back bytes COUNT [COMMAND…]
 *
 * Times what goes through COMMAND, which copies its input to its output, and back; without one, through a
 * socket pair to a process that does nothing else. The clock starts when a first byte is back, so that no
 * start is measured. Prints the seconds of the stream, or the median of a byte's microseconds.
 */

#include "tests/bench/exchange.h"

#include <err.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static noreturn void
echo(int socket)
{
    static uint8_t buffer[EXCHANGE_CHUNK];
    ssize_t count;

    while ((count = read(socket, buffer, sizeof(buffer))) > 0) {
        for (ssize_t done = 0, now; done < count; done += now) {
            now = write(socket, buffer + done, (size_t)(count - done));
            if (now < 0) {
                _exit(1);
            }
        }
    }
    _exit(count < 0);
}

static pid_t
start_echo(int *out, int *in)
{
    int ends[2];
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0 || (pid = fork()) < 0) {
        err(1, "a process at a socket");
    }
    if (pid == 0) {
        close(ends[0]);
        echo(ends[1]);
    }
    close(ends[1]);
    *out = ends[0];
    *in = dup(ends[0]);
    return pid;
}

static pid_t
start_command(char **command, int *out, int *in)
{
    int there[2], back[2];
    pid_t pid;

    if (pipe(there) < 0 || pipe(back) < 0 || (pid = fork()) < 0) {
        err(1, "a process at pipes");
    }
    if (pid == 0) {
        dup2(there[0], STDIN_FILENO);
        dup2(back[1], STDOUT_FILENO);
        close(there[0]);
        close(there[1]);
        close(back[0]);
        close(back[1]);
        execvp(command[0], command);
        err(127, "%s", command[0]);
    }
    close(there[0]);
    close(back[1]);
    *out = there[1];
    *in = back[0];
    return pid;
}

int
main(int argc, char **argv)
{
    int out, in, status;
    pid_t pid;

    if (argc < 3) {
        errx(2, "usage: there-and-back stream MIB|bytes COUNT [COMMAND…]");
    }
    signal(SIGPIPE, SIG_IGN);
    pid = argc > 3 ? start_command(argv + 3, &out, &in) : start_echo(&out, &in);
    if (!exchange_run(out, in, argv[1], argv[2])) {
        errx(2, "%s %s is nothing to measure", argv[1], argv[2]);
    }
    shutdown(out, SHUT_WR);
    close(out);
    if (waitpid(pid, &status, 0) < 0 || status != 0) {
        errx(1, "what sent the bytes back did not end well");
    }
    return 0;
}
