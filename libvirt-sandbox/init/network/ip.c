/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/network/ip.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static unsigned
address_bits(int family)
{
    return family == AF_INET ? 32 : 128;
}

bool
ip_parse(struct ip *ip, const char *text)
{
    memset(ip, 0, sizeof(*ip));
    ip->family = strchr(text, ':') ? AF_INET6 : AF_INET;
    ip->prefix = address_bits(ip->family);
    return inet_pton(ip->family, text, ip->bytes) == 1;
}

bool
ip_parse_prefix(struct ip *ip, const char *text)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end || number > address_bits(ip->family)) {
        return false;
    }
    ip->prefix = (unsigned)number;
    return true;
}

/* A point-to-point network has no broadcast address; of all others it is the last address. */
bool
ip_broadcast(const struct ip *ip, struct ip *broadcast)
{
    if (ip->family != AF_INET || ip->prefix > 30) {
        return false;
    }
    *broadcast = *ip;
    for (unsigned bit = ip->prefix; bit < 32; bit++) {
        broadcast->bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
    }
    return true;
}
