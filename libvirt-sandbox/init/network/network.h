/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The host name and the loopback interface. */

void hostname_set(const char *hostname);
void loopback_start(void);
