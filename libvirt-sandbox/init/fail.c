/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/fail.h"

#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/power.h"

#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static fail_reporter *report_to_host;

void
fail_set_reporter(fail_reporter *reporter)
{
    report_to_host = reporter;
}

/* A path in the message may have any byte, and the message must stay one line. */
static void
replace_control_characters(char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f) {
            *text = '?';
        }
    }
}

noreturn void
fail(enum guest_fail_stage stage, int error, const char *format, ...)
{
    char text[GUEST_FRAME_TEXT_MAX];
    va_list arguments;
    size_t length;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (error) {
        length = strlen(text);
        snprintf(text + length, sizeof(text) - length, ": %s", strerror(error));
    }
    replace_control_characters(text);

    log_message("%s", text);
    if (getpid() == 1) {
        kill(-1, SIGKILL);
    }
    if (report_to_host) {
        report_to_host(stage, error, text);
    }
    power_off();
}
