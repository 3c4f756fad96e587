/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The time of a machine. */

#include <stdbool.h>

#include "libvirt-sandbox/guest/frame.h"

struct settings;

/* To be called while the first root of a machine is there. */
void clock_open(void);
/* To be called when the host has said that it answers CLOCK. */
void clock_follow_host(const struct settings *settings);
/* Whether the clock is set, so that the program can start. */
bool clock_is_right(void);
/* Queues a question to the host, if it is time for one. */
void clock_queue_question(void);
void clock_handle_answer(const struct guest_frame *frame);
/* Until clock_queue_question() has something to do, for poll(). */
int clock_timeout(void);
