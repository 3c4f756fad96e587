/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/network/dhcp.h"

#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/network/dhcp-message.h"
#include "libvirt-sandbox/init/network/ip.h"
#include "libvirt-sandbox/init/network/netlink.h"
#include "libvirt-sandbox/init/network/resolver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/*
 * Init's own DHCP client, which needs no program in the root and writes no file. A process for each lease renews
 * it for as long as the sandbox lives.
 */

#define PATIENCE_MS 30000
#define FIRST_WAIT_MS 1000
#define LONGEST_WAIT_MS 8000
/* A server that refuses its own offer is asked again after this time, and less and less often. */
#define REFUSED_WAIT_MS 2000
#define REFUSED_LONGEST_WAIT_MS 10000
#define LEASES_MAX 16
/* The shortest time between two requests, however short a lease is. */
#define SECONDS_LEAST 10
/* Waits in pieces, because a wait does not count the time in which the host sleeps, and the clock does. */
#define PAUSE_MAX_MS 3600000

struct lease {
    struct interface interface;
    struct ip ip;
    uint32_t seconds;
    uint32_t renewal;
};

static struct lease leases[LEASES_MAX];
static size_t lease_count;

static int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Uses packets below IP, because a host without an address cannot use IP. */
static int
open_socket(const struct interface *interface)
{
    struct sockaddr_ll local = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_IP),
        .sll_ifindex = (int)interface->index,
    };
    int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_IP));

    if (fd >= 0 && bind(fd, (struct sockaddr *)&local, sizeof(local)) < 0) {
        int error = errno;

        close(fd);
        errno = error;
        fd = -1;
    }
    return fd;
}

/* A query that could not be sent counts as lost: it will be sent again. */
static void
send_query(int fd, const struct interface *interface, const struct dhcp_query *query)
{
    struct sockaddr_ll everybody = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_IP),
        .sll_ifindex = (int)interface->index,
        .sll_halen = ETH_ALEN,
    };
    uint8_t packet[DHCP_PACKET_MAX];
    size_t length = dhcp_write(packet, query);

    memset(everybody.sll_addr, 0xff, ETH_ALEN);
    if (sendto(fd, packet, length, 0, (struct sockaddr *)&everybody, sizeof(everybody)) < 0) {
        log_debug("DHCP on %s: %s", interface->name, strerror(errno));
    }
}

/*
 * Whether @answer answers @query. All others are ignored, so that nobody can make the client ask faster:
 * anything but an offer while searching, and answers of another server than the chosen one.
 */
static bool
is_answer_to(const struct dhcp_query *query, const struct dhcp_answer *answer)
{
    static const uint8_t any[4];

    if (query->type == DHCP_DISCOVER) {
        return answer->type == DHCP_OFFER;
    }
    if (memcmp(query->server, any, 4) != 0 && memcmp(query->server, answer->server, 4) != 0) {
        return false;
    }
    if (answer->type == DHCP_ACK) {
        const uint8_t *wanted = memcmp(query->current, any, 4) != 0 ? query->current : query->requested;

        return memcmp(answer->address, wanted, 4) == 0;
    }
    return answer->type == DHCP_NAK;
}

/* Waits until @deadline for an answer to @query. */
static bool
await_answer(int fd, const struct dhcp_query *query, int64_t deadline, struct dhcp_answer *answer)
{
    uint8_t packet[DHCP_PACKET_MAX];
    int64_t left;

    while ((left = deadline - now_ms()) > 0) {
        struct pollfd readable = { .fd = fd, .events = POLLIN };
        ssize_t length;

        if (poll(&readable, 1, (int)left) <= 0) {
            continue;
        }
        length = recv(fd, packet, sizeof(packet), MSG_DONTWAIT);
        if (length > 0 && dhcp_read(packet, (size_t)length, query, answer) && is_answer_to(query, answer)) {
            return true;
        }
    }
    return false;
}

/* Sends @query again and again, less and less often, until a server answers. */
static bool
query_servers(int fd, const struct interface *interface, const struct dhcp_query *query, int64_t deadline,
              struct dhcp_answer *answer)
{
    int64_t wait = FIRST_WAIT_MS;

    while (now_ms() < deadline) {
        int64_t until = now_ms() + wait;

        send_query(fd, interface, query);
        if (await_answer(fd, query, until < deadline ? until : deadline, answer)) {
            return true;
        }
        wait = wait * 2 < LONGEST_WAIT_MS ? wait * 2 : LONGEST_WAIT_MS;
    }
    return false;
}

static struct dhcp_query
new_query(enum dhcp_type type, const struct interface *interface)
{
    struct dhcp_query query = { .type = type };

    memcpy(query.mac, interface->mac, sizeof(query.mac));
    if (getrandom(&query.transaction, sizeof(query.transaction), 0) < 0) {
        query.transaction = (uint32_t)now_ms();
    }
    return query;
}

static void
pause_until(int64_t until)
{
    int64_t left;

    while ((left = until - now_ms()) > 0) {
        poll(NULL, 0, left > PAUSE_MAX_MS ? PAUSE_MAX_MS : (int)left);
    }
}

/* Finds a server and requests what it offers. A server that then refuses its own offer is asked less and less often. */
static bool
obtain(int fd, const struct interface *interface, int64_t deadline, struct dhcp_answer *answer, bool *refused)
{
    int64_t wait = REFUSED_WAIT_MS;

    *refused = false;
    while (now_ms() < deadline) {
        struct dhcp_query query = new_query(DHCP_DISCOVER, interface);
        int64_t next = now_ms() + wait;

        if (!query_servers(fd, interface, &query, deadline, answer)) {
            return false;
        }
        query.type = DHCP_REQUEST;
        memcpy(query.requested, answer->address, 4);
        memcpy(query.server, answer->server, 4);
        if (query_servers(fd, interface, &query, deadline, answer) && answer->type == DHCP_ACK) {
            return true;
        }
        *refused = true;
        pause_until(next < deadline ? next : deadline);
        wait = wait * 2 < REFUSED_LONGEST_WAIT_MS ? wait * 2 : REFUSED_LONGEST_WAIT_MS;
    }
    return false;
}

static struct ip
make_ip(const uint8_t bytes[4], unsigned prefix)
{
    struct ip ip = { .family = AF_INET, .prefix = prefix };

    memcpy(ip.bytes, bytes, 4);
    return ip;
}

static void
format_address(const uint8_t address[4], char text[INET_ADDRSTRLEN])
{
    inet_ntop(AF_INET, address, text, INET_ADDRSTRLEN);
}

static void
apply(const struct interface *interface, const struct dhcp_answer *answer)
{
    static const uint8_t zero[4];
    struct ip ip = make_ip(answer->address, answer->prefix);
    struct ip router = make_ip(answer->router, 32);
    struct ip everywhere = make_ip(zero, 0);
    struct ip broadcast;
    bool has_broadcast = ip_broadcast(&ip, &broadcast);
    char text[INET_ADDRSTRLEN];

    format_address(answer->address, text);
    log_debug("DHCP on %s: %s/%u for %u s", interface->name, text, answer->prefix, answer->lease);
    if (netlink_add_address(interface->index, &ip, has_broadcast ? &broadcast : NULL) < 0) {
        fail(GUEST_STAGE_NETWORK, errno, "address %s of %s from DHCP", text, interface->name);
    }
    format_address(answer->router, text);
    /* EEXIST: a default route of the description, or of an earlier interface, stays. */
    if (answer->has_router && netlink_add_route(interface->index, &everywhere, &router) < 0 && errno != EEXIST) {
        fail(GUEST_STAGE_NETWORK, errno, "route by %s of %s from DHCP", text, interface->name);
    }
    for (size_t i = 0; i < answer->nameserver_count; i++) {
        format_address(answer->nameservers[i], text);
        resolver_add("nameserver", text);
    }
    if (*answer->domain) {
        resolver_add("search", answer->domain);
    }
}

void
dhcp_configure(const struct interface *interface)
{
    struct dhcp_answer answer;
    bool refused;
    int fd = open_socket(interface);

    if (fd < 0) {
        fail(GUEST_STAGE_NETWORK, errno, "DHCP on the network interface %s", interface->name);
    }
    if (!obtain(fd, interface, now_ms() + PATIENCE_MS, &answer, &refused)) {
        fail(GUEST_STAGE_NETWORK, 0,
             "DHCP on the network interface %s: %s within %d seconds; without a server on the "
             "network use address= and route=",
             interface->name, refused ? "servers offer addresses and give none" : "no answer", PATIENCE_MS / 1000);
    }
    close(fd);
    apply(interface, &answer);
    if (answer.lease != DHCP_LEASE_INFINITE && lease_count < LEASES_MAX) {
        leases[lease_count++] =
            (struct lease){ *interface, make_ip(answer.address, answer.prefix), answer.lease, answer.renewal };
    }
}

/* Keeping */

static uint32_t
at_least(uint32_t seconds, uint32_t least)
{
    return seconds > least ? seconds : least;
}

/* Asks until the lease is renewed; false if it has ended or the server has taken it back. */
static bool
renew(int fd, struct lease *lease, int64_t obtained)
{
    int64_t end = obtained + (int64_t)at_least(lease->seconds, SECONDS_LEAST * 2) * 1000;
    struct dhcp_query query = new_query(DHCP_REQUEST, &lease->interface);
    struct dhcp_answer answer;

    memcpy(query.current, lease->ip.bytes, 4);
    while (now_ms() < end) {
        int64_t until = now_ms() + SECONDS_LEAST * 1000;

        send_query(fd, &lease->interface, &query);
        if (await_answer(fd, &query, until < end ? until : end, &answer)) {
            if (answer.type != DHCP_ACK) {
                return false;
            }
            lease->seconds = answer.lease;
            lease->renewal = answer.renewal;
            return true;
        }
    }
    return false;
}

static noreturn void
keep_lease(struct lease *lease)
{
    int fd = -1;
    int64_t obtained = now_ms();

    prctl(PR_SET_NAME, "dhcp");
    do {
        if (fd >= 0) {
            close(fd);
        }
        pause_until(now_ms() + (int64_t)at_least(lease->renewal, SECONDS_LEAST) * 1000);
        fd = open_socket(&lease->interface);
    } while (fd >= 0 && renew(fd, lease, obtained) && (obtained = now_ms()) > 0);
    log_debug("DHCP on %s: the lease has ended", lease->interface.name);
    netlink_remove_address(lease->interface.index, &lease->ip);
    _exit(0);
}

void
dhcp_keep_leases(void)
{
    for (size_t i = 0; i < lease_count; i++) {
        pid_t child = fork();

        if (child < 0) {
            fail(GUEST_STAGE_NETWORK, errno, "DHCP on the network interface %s", leases[i].interface.name);
        }
        if (child == 0) {
            /* This process must not keep the channel open. */
            close_range(STDERR_FILENO + 1, ~0U, 0);
            keep_lease(&leases[i]);
        }
    }
}
