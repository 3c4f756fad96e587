/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/moment.h"

#include "libvirt-sandbox/guest/manifest.h"
#include "libvirt-sandbox/init/settings.h"
#include "libvirt-sandbox/init/wire/channel.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* When each moment was, in microseconds; 0: not yet, or already sent. */
static uint64_t moments[GUEST_MOMENT_LAST_BYTE + 1];
static bool wanted;

void
moments_start(const struct settings *settings)
{
    wanted = guest_manifest_find(&settings->manifest, GUEST_WORD_MOMENTS) != NULL;
}

void
moment_passed(enum guest_moment moment)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    moments[moment] = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void
moments_queue(void)
{
    for (uint32_t moment = 1; moment <= GUEST_MOMENT_LAST_BYTE; moment++) {
        if (wanted && moments[moment] > 0) {
            channel_queued(guest_frame_encode_moment(channel_next_out(), moment, moments[moment]));
        }
        moments[moment] = 0;
    }
}
