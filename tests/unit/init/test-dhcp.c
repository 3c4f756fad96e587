/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/network/dhcp-message.h"

#include <glib.h>
#include <string.h>

static const struct dhcp_query query = {
    .type = DHCP_REQUEST,
    .mac = { 0x52, 0x54, 0, 1, 2, 3 },
    .transaction = 0x12345678,
    .requested = { 192, 168, 122, 50 },
    .server = { 192, 168, 122, 1 },
};

#define HEADERS 28
#define OPTIONS (HEADERS + 240)

static void
put_lengths(uint8_t *packet, size_t length)
{
    uint32_t sum = 0;

    packet[2] = (uint8_t)(length >> 8);
    packet[3] = (uint8_t)length;
    packet[24] = (uint8_t)((length - 20) >> 8);
    packet[25] = (uint8_t)(length - 20);
    packet[10] = packet[11] = 0;
    for (size_t i = 0; i < 20; i += 2)
        sum += (uint32_t)packet[i] << 8 | packet[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    sum = ~((sum & 0xffff) + (sum >> 16));
    packet[10] = (uint8_t)(sum >> 8);
    packet[11] = (uint8_t)sum;
}

/* An answer with these options; returns its length. */
static size_t
make_answer(uint8_t *packet, const void *options, size_t length)
{
    static const uint8_t cookie[] = { 99, 130, 83, 99 };
    uint8_t *message = packet + HEADERS;

    memset(packet, 0, DHCP_PACKET_MAX);
    packet[0] = 0x45;
    packet[9] = 17;
    packet[21] = 67;
    packet[23] = 68;
    message[0] = 2;
    memcpy(message + 4, "\x12\x34\x56\x78", 4);
    memcpy(message + 16, "\xc0\xa8\x7a\x32", 4);
    memcpy(message + 28, query.mac, 6);
    memcpy(message + 236, cookie, sizeof(cookie));
    memcpy(packet + OPTIONS, options, length);
    put_lengths(packet, OPTIONS + length);
    return OPTIONS + length;
}

static const uint8_t good[] = {
    53,  1, 5,                  /* ACK */
    1,   4, 255, 255, 255, 128, /* mask */
    0,   0,                     /* padding */
    3,   8, 192, 168, 122, 1,   192, 168, 122, 2,   6,   8,   192, 168, 122, 3, 192, 168,
    122, 4, 15,  8,   'o', 'n', 'e', '.', 't', 'e', 's', 't', 51,  4,   0,   0, 14,  16, /* an hour */
    54,  4, 192, 168, 122, 1,   200, 0,                                                  /* not known */
    255, 1, 200, /* the end, and what is behind it */
};

static void
test_write(void)
{
    uint8_t packet[DHCP_PACKET_MAX];
    size_t length = dhcp_write(packet, &query);
    uint32_t sum = 0;

    g_assert_cmpuint(length, >, OPTIONS);
    g_assert_cmpuint(length, ==, (size_t)packet[2] << 8 | packet[3]);
    g_assert_cmpuint(length - 20, ==, (size_t)packet[24] << 8 | packet[25]);
    for (size_t i = 0; i < 20; i += 2)
        sum += (uint32_t)packet[i] << 8 | packet[i + 1];
    g_assert_cmpuint((sum & 0xffff) + (sum >> 16), ==, 0xffff);
    g_assert_cmpmem(packet + HEADERS + 28, 6, query.mac, 6);
    g_assert_cmpmem(packet + OPTIONS, 15, "\x35\x01\x03\x32\x04\xc0\xa8\x7a\x32\x36\x04\xc0\xa8\x7a\x01", 15);
    g_assert_cmpuint(packet[length - 1], ==, 255);
}

static void
test_read(void)
{
    uint8_t packet[DHCP_PACKET_MAX];
    struct dhcp_answer answer;
    size_t length = make_answer(packet, good, sizeof(good));

    g_assert_true(dhcp_read(packet, length, &query, &answer));
    g_assert_cmpint(answer.type, ==, DHCP_ACK);
    g_assert_cmpmem(answer.address, 4, "\xc0\xa8\x7a\x32", 4);
    g_assert_cmpuint(answer.prefix, ==, 25);
    g_assert_true(answer.has_router);
    g_assert_cmpmem(answer.router, 4, "\xc0\xa8\x7a\x01", 4);
    g_assert_cmpuint(answer.nameserver_count, ==, 2);
    g_assert_cmpmem(answer.nameservers[1], 4, "\xc0\xa8\x7a\x04", 4);
    g_assert_cmpstr(answer.domain, ==, "one.test");
    g_assert_cmpuint(answer.lease, ==, 3600);
    g_assert_cmpuint(answer.renewal, ==, 1800);
    /* What follows the packet in its buffer is not looked at. */
    g_assert_true(dhcp_read(packet, DHCP_PACKET_MAX, &query, &answer));
}

/* No beginning of a packet is one, and none is read past its end. */
static void
test_cut_off(void)
{
    uint8_t whole[DHCP_PACKET_MAX];
    size_t length = make_answer(whole, good, sizeof(good));

    for (size_t i = 0; i < length; i++) {
        g_autofree uint8_t *packet = g_memdup2(whole, i);
        struct dhcp_answer answer;

        g_assert_false(dhcp_read(packet, i, &query, &answer));
        if (i < OPTIONS)
            continue;
        /* The same with lengths that say so: options that are cut off in the middle, and no lease. */
        put_lengths(packet, i);
        if (dhcp_read(packet, i, &query, &answer))
            g_assert_cmpuint(answer.lease, >, 0);
    }
}

/* One byte changed at a time: it is an answer or not, and nothing else happens. */
static void
test_changed(void)
{
    uint8_t whole[DHCP_PACKET_MAX];
    size_t length = make_answer(whole, good, sizeof(good));

    for (size_t i = 0; i < length; i++) {
        for (unsigned value = 0; value < 256; value++) {
            g_autofree uint8_t *packet = g_memdup2(whole, length);
            struct dhcp_answer answer;

            packet[i] = (uint8_t)value;
            if (i < 20 && i != 2 && i != 3)
                put_lengths(packet, length);
            if (dhcp_read(packet, length, &query, &answer)) {
                g_assert_cmpuint(answer.prefix, <=, 32);
                g_assert_cmpuint(answer.nameserver_count, <=, DHCP_NAMESERVERS_MAX);
                g_assert_cmpuint(strlen(answer.domain), <, sizeof(answer.domain));
            }
        }
    }
}

static void
test_refused(void)
{
    static const struct {
        const char *options;
        size_t length;
    } cases[] = {
        { "\x35\x01\x05\xff", 4 },                                      /* no lease */
        { "\x35\x01\x02\x33\x04\0\0\0\0", 9 },                          /* a lease of nothing */
        { "\x33\x04\0\0\x0e\x10\xff", 7 },                              /* no type */
        { "\x35\x01\x01\x33\x04\0\0\x0e\x10", 9 },                      /* a question */
        { "\x35\x01\x05\x33\x04\0\0\x0e\x10\x01\x04\xff\0\xff\0", 15 }, /* no mask */
        { "\x35\x01\x05\x33\x04\0\0\x0e\x10\x01\x04\0\0\0\0", 15 },     /* a mask of nothing */
        { "\x35\x01\x05\x33\x04\0\0\x0e\x10\x03\x02\1\1", 13 },         /* half a router */
        { "\x35\x01\x05\x33\x04\0\0\x0e\x10\x03\x04\x7f\0\0\1", 15 },   /* loopback as router */
        { "\x35\x01\x05\x33\x04\0\0\x0e\x10\x0c\x09", 11 },             /* longer than the packet */
        { "\x35\x01\x05\x33\x04\0\0\x0e\x10\x0c", 10 },                 /* without a length */
    };
    uint8_t packet[DHCP_PACKET_MAX];
    struct dhcp_answer answer;
    struct dhcp_query other = query;
    size_t length;

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        length = make_answer(packet, cases[i].options, cases[i].length);
        g_assert_false(dhcp_read(packet, length, &query, &answer));
    }

    length = make_answer(packet, good, sizeof(good));
    other.transaction++;
    g_assert_false(dhcp_read(packet, length, &other, &answer));
    other = query;
    other.mac[5]++;
    g_assert_false(dhcp_read(packet, length, &other, &answer));
    memcpy(packet + HEADERS + 16, "\x7f\0\0\1", 4);
    g_assert_false(dhcp_read(packet, length, &query, &answer));
}

/* A domain that would be more than a word in resolv.conf is left out. */
static void
test_domain(void)
{
    static const uint8_t options[] = { 53, 1, 5, 51, 4, 0, 0, 14, 16, 15, 6, 'a', '\n', 'b', ' ', 'c', 'd' };
    static const uint8_t ended[] = { 53, 1, 5, 51, 4, 0, 0, 14, 16, 15, 3, 'a', 'b', '\0' };
    uint8_t packet[DHCP_PACKET_MAX];
    struct dhcp_answer answer;

    g_assert_true(dhcp_read(packet, make_answer(packet, options, sizeof(options)), &query, &answer));
    g_assert_cmpstr(answer.domain, ==, "");
    g_assert_true(dhcp_read(packet, make_answer(packet, ended, sizeof(ended)), &query, &answer));
    g_assert_cmpstr(answer.domain, ==, "ab");
    g_assert_cmpuint(answer.prefix, ==, 24);
}

/* What is not another host's address is no name server, and none is there twice. */
static void
test_nameservers(void)
{
    static const uint8_t options[] = { 53, 1, 5,   51, 4, 0,   0,   14,  16,  6,   40, 127, 0, 0,  1,  0, 0,
                                       0,  0, 224, 0,  0, 251, 255, 255, 255, 255, 10, 0,   0, 1,  10, 0, 0,
                                       1,  0, 1,   2,  3, 127, 1,   2,   3,   10,  0,  0,   2, 10, 0,  0, 3 };
    uint8_t packet[DHCP_PACKET_MAX];
    struct dhcp_answer answer;

    g_assert_true(dhcp_read(packet, make_answer(packet, options, sizeof(options)), &query, &answer));
    g_assert_cmpuint(answer.nameserver_count, ==, 3);
    g_assert_cmpmem(answer.nameservers[0], 4, "\x0a\0\0\1", 4);
    g_assert_cmpmem(answer.nameservers[1], 4, "\x0a\0\0\2", 4);
    g_assert_cmpmem(answer.nameservers[2], 4, "\x0a\0\0\3", 4);
}

static void
test_refusal(void)
{
    static const uint8_t options[] = { 53, 1, 6 };
    uint8_t packet[DHCP_PACKET_MAX];
    struct dhcp_answer answer;

    g_assert_true(dhcp_read(packet, make_answer(packet, options, sizeof(options)), &query, &answer));
    g_assert_cmpint(answer.type, ==, DHCP_NAK);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dhcp/write", test_write);
    g_test_add_func("/dhcp/read", test_read);
    g_test_add_func("/dhcp/cut-off", test_cut_off);
    g_test_add_func("/dhcp/changed", test_changed);
    g_test_add_func("/dhcp/refused", test_refused);
    g_test_add_func("/dhcp/domain", test_domain);
    g_test_add_func("/dhcp/nameservers", test_nameservers);
    g_test_add_func("/dhcp/refusal", test_refusal);
    return g_test_run();
}
