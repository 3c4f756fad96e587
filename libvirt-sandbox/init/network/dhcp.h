/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The DHCP client. */

struct interface;

void dhcp_configure(const struct interface *interface);
/* Starts a process for each lease, which renews it. */
void dhcp_keep_leases(void);
