/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/network/resolver.h"

#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/root/etc-file.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* /etc/resolv.conf: the one of the root describes the host's network, so the program gets another. */

#define RESOLV_CONF "/etc/resolv.conf"

static char text[4096];
static size_t length;
static const char *domains; /* the host's search domains, used if the network gives none */
static bool has_domains;

void
resolver_add(const char *keyword, const char *value)
{
    int count = snprintf(text + length, sizeof(text) - length, "%s %s\n", keyword, value);

    if (count < 0 || (size_t)count >= sizeof(text) - length) {
        fail(GUEST_STAGE_NETWORK, EOVERFLOW, "%s: %s %s", RESOLV_CONF, keyword, value);
    }
    length += (size_t)count;
    has_domains = has_domains || strcmp(keyword, "search") == 0;
}

void
resolver_set_default_search(const char *names)
{
    domains = names;
}

void
resolver_mount(void)
{
    int target = etc_file_open(RESOLV_CONF);

    if (target < 0) {
        log_debug("no %s: the root has none", RESOLV_CONF);
        return;
    }
    if (length > 0 && domains && !has_domains) {
        resolver_add("search", domains);
    }
    if (length == 0) {
        length = (size_t)snprintf(text, sizeof(text), "# There is no name server in this sandbox.\n");
    }
    if (!etc_file_mount(target, text, length)) {
        fail(GUEST_STAGE_MOUNTS, errno, "mount %s", RESOLV_CONF);
    }
}
