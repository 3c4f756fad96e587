/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* /etc/resolv.conf */

void resolver_add(const char *keyword, const char *value);
/* Search domains, separated by spaces, for a network that gives none. */
void resolver_set_default_search(const char *names);
void resolver_mount(void);
