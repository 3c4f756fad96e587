/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The end of the sandbox for a reason. */

#include <stdnoreturn.h>

#include "libvirt-sandbox/guest/frame.h"

/* Reports the reason on the console and to the host, and ends the sandbox. @error: an errno to add, or 0. */
noreturn void fail(enum guest_fail_stage stage, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

typedef void fail_reporter(enum guest_fail_stage stage, int error, const char *text);
/* The channel sets this when it is open: it sends the reason to the host. */
void fail_set_reporter(fail_reporter *reporter);
