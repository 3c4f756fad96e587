/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/network/dhcp-message.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define IP_HEADER 20
#define HEADERS (IP_HEADER + 8)
#define MESSAGE 240
#define PACKET_MAX 65535

static const struct dhcp_query query = {
    .type = DHCP_REQUEST,
    .mac = { 0x52, 0x54, 0, 1, 2, 3 },
    .transaction = 0x01020304,
};

static void
expect(int condition)
{
    if (!condition) {
        abort();
    }
}

static void
put_u16(uint8_t *bytes, size_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

/* A packet that is right up to where the options begin: chance would not find its checksum. */
static size_t
wrap(uint8_t *packet, const uint8_t *options, size_t length)
{
    uint8_t *message = packet + HEADERS;
    size_t total = HEADERS + MESSAGE + length;
    uint32_t sum = 0;

    memset(packet, 0, HEADERS + MESSAGE);
    memcpy(message + MESSAGE, options, length);
    packet[0] = 0x45;
    put_u16(packet + 2, total);
    packet[8] = 64;
    packet[9] = 17;
    for (size_t i = 0; i < IP_HEADER; i += 2) {
        sum += (uint32_t)(packet[i] << 8 | packet[i + 1]);
    }
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    put_u16(packet + 10, (uint16_t)~sum);
    put_u16(packet + IP_HEADER, 67);
    put_u16(packet + IP_HEADER + 2, 68);
    put_u16(packet + IP_HEADER + 4, total - IP_HEADER);
    message[0] = 2;
    memcpy(message + 4, (const uint8_t[]){ 1, 2, 3, 4 }, 4);
    memcpy(message + 16, (const uint8_t[]){ 192, 168, 1, 2 }, 4);
    memcpy(message + 28, query.mac, 6);
    memcpy(message + 236, (const uint8_t[]){ 99, 130, 83, 99 }, 4);
    return total;
}

static void
expect_usable(const struct dhcp_answer *answer)
{
    expect(answer->nameserver_count <= DHCP_NAMESERVERS_MAX);
    expect(memchr(answer->domain, '\0', sizeof(answer->domain)) != NULL);
    for (const char *at = answer->domain; *at; at++) {
        expect(strchr(" \t\r\n#;/", *at) == NULL && (unsigned char)*at < 0x7f);
    }
    if (answer->type == DHCP_NAK) {
        return;
    }
    expect(answer->type == DHCP_OFFER || answer->type == DHCP_ACK);
    expect(answer->prefix > 0 && answer->prefix <= 32);
    expect(answer->lease > 0 && answer->renewal < answer->lease);
    expect(answer->address[0] != 0 && answer->address[0] != 127 && answer->address[0] < 224);
}

static void
read_packet(const uint8_t *packet, size_t length)
{
    /* A copy of just these bytes: reading past them is found. */
    uint8_t *copy = malloc(length ? length : 1);
    struct dhcp_answer answer;

    expect(copy != NULL);
    memcpy(copy, packet, length);
    if (dhcp_read(copy, length, &query, &answer)) {
        expect_usable(&answer);
    }
    free(copy);
}

/* The first byte says whether the rest is a packet, or the options of one. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t packet[PACKET_MAX];

    if (size == 0) {
        return 0;
    }
    if (data[0] % 4 == 0) {
        read_packet(data + 1, size - 1);
    } else if (size - 1 <= PACKET_MAX - HEADERS - MESSAGE) {
        read_packet(packet, wrap(packet, data + 1, size - 1));
    }
    return 0;
}
