/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* When each step of a start was done, if the manifest asks for it. */

#include "libvirt-sandbox/guest/frame.h"

struct settings;

void moments_start(const struct settings *settings);
void moment_passed(enum guest_moment moment);
/* Queues the moments that passed since the last call. */
void moments_queue(void);
