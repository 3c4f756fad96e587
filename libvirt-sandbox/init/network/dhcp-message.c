/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/network/dhcp-message.h"

#include <arpa/inet.h>
#include <string.h>

#define IP_HEADER 20
#define UDP_HEADER 8
#define OPTIONS_OFFSET 240
#define SERVER_PORT 67
#define CLIENT_PORT 68
#define IPPROTO_NUMBER_UDP 17
#define FRAGMENT_BITS 0x3fff

/* Offsets in the fixed part of a message */
#define AT_TRANSACTION 4
#define AT_FLAGS 10
#define AT_CURRENT 12
#define AT_YOURS 16
#define AT_HARDWARE 28
#define AT_COOKIE 236

enum {
    OPTION_PAD = 0,
    OPTION_MASK = 1,
    OPTION_ROUTER = 3,
    OPTION_NAMESERVER = 6,
    OPTION_DOMAIN = 15,
    OPTION_REQUESTED = 50,
    OPTION_LEASE = 51,
    OPTION_TYPE = 53,
    OPTION_SERVER = 54,
    OPTION_PARAMETERS = 55,
    OPTION_RENEWAL = 58,
    OPTION_END = 255,
};

static const uint8_t cookie[4] = { 99, 130, 83, 99 };
static const uint8_t none[4];

static uint16_t
get_u16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t
get_u32(const uint8_t *bytes)
{
    return (uint32_t)get_u16(bytes) << 16 | get_u16(bytes + 2);
}

static void
put_u16(uint8_t *bytes, uint16_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

static void
put_u32(uint8_t *bytes, uint32_t value)
{
    put_u16(bytes, (uint16_t)(value >> 16));
    put_u16(bytes + 2, (uint16_t)value);
}

/* The checksum of an IP header; over a header with a correct checksum, the result is 0. */
static uint16_t
checksum(const uint8_t *bytes, size_t length)
{
    uint32_t sum = 0;

    for (size_t i = 0; i + 1 < length; i += 2) {
        sum += get_u16(bytes + i);
    }
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

/* Writing */

static uint8_t *
put_option(uint8_t *out, uint8_t option, const void *value, uint8_t length)
{
    out[0] = option;
    out[1] = length;
    memcpy(out + 2, value, length);
    return out + 2 + length;
}

static size_t
write_message(uint8_t *message, const struct dhcp_query *query)
{
    static const uint8_t parameters[] = { OPTION_MASK,   OPTION_ROUTER, OPTION_NAMESERVER,
                                          OPTION_DOMAIN, OPTION_LEASE,  OPTION_RENEWAL };
    const uint8_t type = (uint8_t)query->type;
    uint8_t *out = message + OPTIONS_OFFSET;

    message[0] = 1; /* a request */
    message[1] = 1; /* of Ethernet, */
    message[2] = 6; /* whose addresses have six bytes */
    put_u32(message + AT_TRANSACTION, query->transaction);
    /* A client without an address can only receive broadcasts. */
    put_u16(message + AT_FLAGS, 0x8000);
    memcpy(message + AT_CURRENT, query->current, 4);
    memcpy(message + AT_HARDWARE, query->mac, 6);
    memcpy(message + AT_COOKIE, cookie, 4);
    out = put_option(out, OPTION_TYPE, &type, 1);
    if (memcmp(query->requested, none, 4) != 0) {
        out = put_option(out, OPTION_REQUESTED, query->requested, 4);
    }
    if (memcmp(query->server, none, 4) != 0) {
        out = put_option(out, OPTION_SERVER, query->server, 4);
    }
    out = put_option(out, OPTION_PARAMETERS, parameters, sizeof(parameters));
    *out++ = OPTION_END;
    return (size_t)(out - message);
}

size_t
dhcp_write(uint8_t *packet, const struct dhcp_query *query)
{
    uint8_t *udp = packet + IP_HEADER;
    size_t length;

    memset(packet, 0, DHCP_PACKET_MAX);
    length = UDP_HEADER + write_message(udp + UDP_HEADER, query);
    put_u16(udp, CLIENT_PORT);
    put_u16(udp + 2, SERVER_PORT);
    put_u16(udp + 4, (uint16_t)length); /* and no checksum, as IPv4 allows */
    length += IP_HEADER;

    packet[0] = 4 << 4 | IP_HEADER / 4;
    put_u16(packet + 2, (uint16_t)length);
    packet[8] = 64; /* time to live */
    packet[9] = IPPROTO_NUMBER_UDP;
    memcpy(packet + 12, query->current, 4);
    memset(packet + 16, 0xff, 4);
    put_u16(packet + 10, checksum(packet, IP_HEADER));
    return length;
}

/* Reading */

/* Returns the message in an IP packet from a server to a client, or NULL. Ignores the checksum of UDP, which virtual
 * networks often do not compute. */
static const uint8_t *
find_message(const uint8_t *packet, size_t length, size_t *message_length)
{
    size_t header, total, udp_length;
    const uint8_t *udp;

    if (length < IP_HEADER || packet[0] >> 4 != 4) {
        return NULL;
    }
    header = (size_t)(packet[0] & 15) * 4;
    total = get_u16(packet + 2);
    if (header < IP_HEADER || total > length || total < header + UDP_HEADER + OPTIONS_OFFSET ||
        checksum(packet, header) != 0 || packet[9] != IPPROTO_NUMBER_UDP ||
        (get_u16(packet + 6) & FRAGMENT_BITS) != 0) {
        return NULL;
    }
    udp = packet + header;
    udp_length = get_u16(udp + 4);
    if (get_u16(udp) != SERVER_PORT || get_u16(udp + 2) != CLIENT_PORT || udp_length > total - header ||
        udp_length < UDP_HEADER + OPTIONS_OFFSET) {
        return NULL;
    }
    *message_length = udp_length - UDP_HEADER;
    return udp + UDP_HEADER;
}

static bool
read_mask(struct dhcp_answer *answer, const uint8_t *value)
{
    uint32_t mask = get_u32(value);

    answer->prefix = 0;
    while (mask & 0x80000000) {
        mask <<= 1;
        answer->prefix++;
    }
    return mask == 0 && answer->prefix > 0;
}

/* The domain becomes a line of a file, so a value that is not a valid host name is ignored. */
static void
read_domain(struct dhcp_answer *answer, const uint8_t *value, size_t length)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";

    if (length > 0 && value[length - 1] == '\0') {
        length--;
    }
    if (length >= sizeof(answer->domain)) {
        return;
    }
    for (size_t i = 0; i < length; i++) {
        if (value[i] == '\0' || !strchr(allowed, value[i])) {
            return;
        }
    }
    memcpy(answer->domain, value, length);
    answer->domain[length] = '\0';
}

/* Whether a host can have this address. */
static bool
is_host(const uint8_t address[4])
{
    return address[0] != 0 && address[0] != 127 && address[0] < 224;
}

static bool
has_nameserver(const struct dhcp_answer *answer, const uint8_t address[4])
{
    for (size_t i = 0; i < answer->nameserver_count; i++) {
        if (memcmp(answer->nameservers[i], address, 4) == 0) {
            return true;
        }
    }
    return false;
}

/* Ignores addresses that do not name another host: the sandbox itself, a multicast group, the broadcast address. */
static void
read_nameservers(struct dhcp_answer *answer, const uint8_t *value, size_t length)
{
    for (size_t i = 0; i + 4 <= length && answer->nameserver_count < DHCP_NAMESERVERS_MAX; i += 4) {
        if (is_host(value + i) && !has_nameserver(answer, value + i)) {
            memcpy(answer->nameservers[answer->nameserver_count++], value + i, 4);
        }
    }
}

/* False if the option makes the whole answer useless. */
static bool
read_option(struct dhcp_answer *answer, uint8_t option, const uint8_t *value, size_t length)
{
    switch (option) {
    case OPTION_TYPE:
        answer->type = length == 1 ? value[0] : 0;
        return length == 1;
    case OPTION_MASK:
        return length == 4 && read_mask(answer, value);
    case OPTION_ROUTER:
        if (length >= 4) {
            answer->has_router = true;
            memcpy(answer->router, value, 4);
        }
        return length >= 4;
    case OPTION_NAMESERVER:
        read_nameservers(answer, value, length);
        return true;
    case OPTION_DOMAIN:
        read_domain(answer, value, length);
        return true;
    case OPTION_LEASE:
        answer->lease = length == 4 ? get_u32(value) : 0;
        return length == 4;
    case OPTION_RENEWAL:
        answer->renewal = length == 4 ? get_u32(value) : 0;
        return length == 4;
    case OPTION_SERVER:
        if (length == 4) {
            memcpy(answer->server, value, 4);
        }
        return length == 4;
    default:
        return true;
    }
}

static bool
read_options(struct dhcp_answer *answer, const uint8_t *options, size_t length)
{
    size_t i = 0;

    while (i < length && options[i] != OPTION_END) {
        if (options[i] == OPTION_PAD) {
            i++;
            continue;
        }
        if (length - i < 2 || length - i - 2 < options[i + 1] ||
            !read_option(answer, options[i], options + i + 2, options[i + 1])) {
            return false;
        }
        i += 2 + (size_t)options[i + 1];
    }
    return true;
}

static bool
is_usable(struct dhcp_answer *answer)
{
    if (answer->type == DHCP_NAK) {
        return true;
    }
    if ((answer->type != DHCP_OFFER && answer->type != DHCP_ACK) || !is_host(answer->address) || answer->lease == 0 ||
        (answer->has_router && !is_host(answer->router))) {
        return false;
    }
    if (answer->prefix == 0) {
        answer->prefix = answer->address[0] < 128 ? 8 : answer->address[0] < 192 ? 16 : 24;
    }
    if (answer->renewal == 0 || answer->renewal >= answer->lease) {
        answer->renewal = answer->lease / 2;
    }
    return true;
}

bool
dhcp_read(const uint8_t *packet, size_t length, const struct dhcp_query *query, struct dhcp_answer *answer)
{
    size_t message_length = 0;
    const uint8_t *message = find_message(packet, length, &message_length);

    memset(answer, 0, sizeof(*answer));
    if (!message || message[0] != 2 || get_u32(message + AT_TRANSACTION) != query->transaction ||
        memcmp(message + AT_HARDWARE, query->mac, 6) != 0 || memcmp(message + AT_COOKIE, cookie, 4) != 0) {
        return false;
    }
    memcpy(answer->address, message + AT_YOURS, 4);
    return read_options(answer, message + OPTIONS_OFFSET, message_length - OPTIONS_OFFSET) && is_usable(answer);
}
