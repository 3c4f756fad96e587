/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Requests to the kernel about interfaces, addresses and routes; all return -1 and errno. */

struct ip;

int netlink_bring_up(unsigned interface);
int netlink_add_address(unsigned interface, const struct ip *ip, const struct ip *broadcast);
int netlink_remove_address(unsigned interface, const struct ip *ip);
int netlink_add_route(unsigned interface, const struct ip *destination, const struct ip *gateway);
int netlink_prohibit(const struct ip *destination);
