/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/network/netlink.h"

#include "libvirt-sandbox/init/network/ip.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The part of rtnetlink that is needed here: one request, and its acknowledgement. */

#define ATTRIBUTES_SIZE 256

struct request {
    struct nlmsghdr header;
    uint8_t rest[ATTRIBUTES_SIZE];
};

/* Returns where to write the fixed part, of @size bytes. */
static void *
begin(struct request *request, uint16_t type, uint16_t flags, size_t size)
{
    memset(request, 0, sizeof(*request));
    request->header.nlmsg_type = type;
    request->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
    request->header.nlmsg_len = NLMSG_LENGTH(size);
    return NLMSG_DATA(&request->header);
}

/* The request has room for all attributes that are added here. */
static void
add(struct request *request, uint16_t type, const void *data, size_t size)
{
    struct rtattr *attribute = (struct rtattr *)((uint8_t *)request + NLMSG_ALIGN(request->header.nlmsg_len));

    attribute->rta_type = type;
    attribute->rta_len = (unsigned short)RTA_LENGTH(size);
    memcpy(RTA_DATA(attribute), data, size);
    request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + (uint32_t)RTA_ALIGN(attribute->rta_len);
}

static void
add_ip(struct request *request, uint16_t type, const struct ip *ip)
{
    add(request, type, ip->bytes, ip->family == AF_INET ? 4 : 16);
}

static int
receive_acknowledgement(int fd)
{
    union {
        struct nlmsghdr header;
        uint8_t bytes[4096];
    } answer;
    ssize_t count = recv(fd, &answer, sizeof(answer), 0);
    const struct nlmsgerr *result;

    if (count < 0) {
        return -1;
    }
    if (count < (ssize_t)NLMSG_LENGTH(sizeof(*result)) || answer.header.nlmsg_type != NLMSG_ERROR) {
        errno = EPROTO;
        return -1;
    }
    result = NLMSG_DATA(&answer.header);
    errno = -result->error;
    return result->error == 0 ? 0 : -1;
}

static int
transact(struct request *request)
{
    struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    int result = -1;
    int error;

    if (fd >= 0 && sendto(fd, request, request->header.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) >= 0) {
        result = receive_acknowledgement(fd);
    }
    error = errno;
    if (fd >= 0) {
        close(fd);
    }
    errno = error;
    return result;
}

int
netlink_bring_up(unsigned interface)
{
    struct request request;
    struct ifinfomsg *link = begin(&request, RTM_NEWLINK, 0, sizeof(*link));

    link->ifi_index = (int)interface;
    link->ifi_flags = link->ifi_change = IFF_UP;
    return transact(&request);
}

static void
prepare_address(struct request *request, uint16_t type, uint16_t flags, unsigned interface, const struct ip *ip)
{
    struct ifaddrmsg *address = begin(request, type, flags, sizeof(*address));

    address->ifa_family = (uint8_t)ip->family;
    address->ifa_prefixlen = (uint8_t)ip->prefix;
    address->ifa_index = interface;
    add_ip(request, IFA_LOCAL, ip);
    add_ip(request, IFA_ADDRESS, ip);
}

/* A configured address is used at once, without duplicate address detection. */
int
netlink_add_address(unsigned interface, const struct ip *ip, const struct ip *broadcast)
{
    const uint32_t flags = IFA_F_NODAD;
    struct request request;

    prepare_address(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, interface, ip);
    if (broadcast) {
        add_ip(&request, IFA_BROADCAST, broadcast);
    }
    if (ip->family == AF_INET6) {
        add(&request, IFA_FLAGS, &flags, sizeof(flags));
    }
    return transact(&request);
}

int
netlink_remove_address(unsigned interface, const struct ip *ip)
{
    struct request request;

    prepare_address(&request, RTM_DELADDR, 0, interface, ip);
    return transact(&request);
}

static struct rtmsg *
begin_route(struct request *request, const struct ip *destination, uint8_t type)
{
    struct rtmsg *route = begin(request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof(*route));

    route->rtm_family = (uint8_t)destination->family;
    route->rtm_dst_len = (uint8_t)destination->prefix;
    route->rtm_table = RT_TABLE_MAIN;
    route->rtm_protocol = RTPROT_STATIC;
    route->rtm_scope = RT_SCOPE_UNIVERSE;
    route->rtm_type = type;
    return route;
}

/* A gateway may be outside the networks of the interface's addresses: it is taken to be on this link. */
int
netlink_add_route(unsigned interface, const struct ip *destination, const struct ip *gateway)
{
    struct request request;
    struct rtmsg *route = begin_route(&request, destination, RTN_UNICAST);

    add_ip(&request, RTA_DST, destination);
    add(&request, RTA_OIF, &interface, sizeof(interface));
    if (gateway) {
        route->rtm_flags = RTNH_F_ONLINK;
        add_ip(&request, RTA_GATEWAY, gateway);
    } else if (destination->family == AF_INET) {
        route->rtm_scope = RT_SCOPE_LINK;
    }
    return transact(&request);
}

int
netlink_prohibit(const struct ip *destination)
{
    struct request request;

    begin_route(&request, destination, RTN_PROHIBIT);
    add_ip(&request, RTA_DST, destination);
    return transact(&request);
}
