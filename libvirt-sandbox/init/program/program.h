/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The program, and its ends of the streams. */

#include <stdbool.h>
#include <sys/types.h>

#include "libvirt-sandbox/guest/frame.h"
#include "libvirt-sandbox/init/program/terminal.h"

struct settings;

struct program_failure {
    bool exec; /* the program could not be executed; else it could not be set up */
    int error;
    char text[1024];
};

struct program {
    pid_t pid;
    int report;       /* end of file: execve succeeded; else a struct program_failure */
    int socket_calls; /* for socket_calls_receive() */
    int standard[GUEST_STREAM_COUNT];
    struct terminal terminal;
    unsigned terminal_input; /* the streams that go to it and come from it */
    unsigned terminal_output;
};

void program_prepare(struct program *program, const struct settings *settings);
void program_start(struct program *program, const struct settings *settings);
/* False if the program runs. */
bool program_read_failure(struct program *program, struct program_failure *failure);
void program_signal(const struct program *program, int signal_number);
/* The host reads the stream no longer. */
void program_output_close(struct program *program, unsigned stream);
void program_ended(struct program *program);
