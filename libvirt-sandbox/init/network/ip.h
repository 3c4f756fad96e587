/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Addresses, and the interfaces that have them. */

#include <stdbool.h>
#include <stdint.h>

struct ip {
    int family;
    unsigned prefix;
    uint8_t bytes[16];
};

struct interface {
    unsigned index;
    uint8_t mac[6];
    char name[16];
};

/* Reads @text; its prefix is that of a single address. False if @text is not an address. */
bool ip_parse(struct ip *ip, const char *text);
/* Sets the prefix of @ip to @text; false if @text is not a prefix of its family. */
bool ip_parse_prefix(struct ip *ip, const char *text);
/* The broadcast address of the network of @ip; false if the network has none. */
bool ip_broadcast(const struct ip *ip, struct ip *broadcast);
