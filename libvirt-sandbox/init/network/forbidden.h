/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Addresses that programs cannot reach, whatever they do to their sockets. */

struct ip;

/* @nameserver: an address in @destination that may be asked for names, or NULL. */
void forbidden_add(const struct ip *destination, const struct ip *nameserver);
void forbidden_apply(void);
