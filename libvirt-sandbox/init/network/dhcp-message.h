/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The messages of DHCP for IPv4 (RFC 2131, 2132), as whole IP packets: what a client asks, and what it needs of an
 * answer. Answers come from a network, so each field is checked before it is used.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dhcp_type {
    DHCP_DISCOVER = 1,
    DHCP_OFFER = 2,
    DHCP_REQUEST = 3,
    DHCP_ACK = 5,
    DHCP_NAK = 6,
};

#define DHCP_PACKET_MAX 1500
#define DHCP_NAMESERVERS_MAX 3
#define DHCP_LEASE_INFINITE UINT32_MAX

struct dhcp_query {
    enum dhcp_type type;
    uint8_t mac[6];
    uint32_t transaction;
    uint8_t requested[4]; /* the address that was offered; none: 0.0.0.0 */
    uint8_t server[4];    /* the server that offered it; none: 0.0.0.0 */
    uint8_t current[4];   /* the address in use that is to be renewed; none: 0.0.0.0 */
};

struct dhcp_answer {
    enum dhcp_type type;
    uint8_t address[4];
    unsigned prefix;
    uint8_t server[4];
    bool has_router;
    uint8_t router[4];
    size_t nameserver_count;
    uint8_t nameservers[DHCP_NAMESERVERS_MAX][4];
    char domain[254]; /* empty: none */
    uint32_t lease;   /* seconds */
    uint32_t renewal; /* seconds after which to ask for more */
};

/* Writes a packet of at most DHCP_PACKET_MAX bytes to @packet, and returns its length. */
size_t dhcp_write(uint8_t *packet, const struct dhcp_query *query);

/* Reads @packet; false if it is not a complete answer to @query that can be used. */
bool dhcp_read(const uint8_t *packet, size_t length, const struct dhcp_query *query, struct dhcp_answer *answer);
