/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/guest/frame.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/kernel/modules.h"
#include "libvirt-sandbox/init/power.h"
#include "libvirt-sandbox/init/settings.h"
#include "libvirt-sandbox/init/wire/channel.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * An init that starts a machine as the real one does, up to its port, and then sends back what comes: what
 * the channel can do at best. Reads and writes as much at once as the real one.
 */

static uint8_t buffer[GUEST_FRAME_PAYLOAD_MAX];

static void
wait_for(short events)
{
    struct pollfd wait = { .fd = channel_descriptor(), .events = events };

    poll(&wait, 1, -1);
}

/* All that is there, or as much as fits. */
static size_t
receive(void)
{
    size_t length = 0;

    while (length < sizeof(buffer)) {
        ssize_t count = read(channel_descriptor(), buffer + length, sizeof(buffer) - length);

        if (count > 0) {
            length += (size_t)count;
        } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
            power_off();
        } else if (length > 0) {
            break;
        } else {
            wait_for(POLLIN);
        }
    }
    return length;
}

static void
send_back(size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t count = write(channel_descriptor(), buffer + done, length - done);

        if (count > 0) {
            done += (size_t)count;
        } else if (count < 0 && errno != EAGAIN && errno != EINTR) {
            power_off();
        } else {
            wait_for(POLLOUT);
        }
    }
}

int
main(void)
{
    static struct settings settings;

    signal(SIGPIPE, SIG_IGN);
    umask(0);
    log_open();
    settings_read(&settings);
    first_root_mount();
    modules_load(&settings);
    channel_open_port();
    for (;;) {
        send_back(receive());
    }
}
