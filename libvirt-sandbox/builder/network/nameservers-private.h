/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The name servers in @text, a resolv.conf, that others than its host can ask too: those with an IPv4 address
 * that is not the host's own loopback interface. */
GStrv gvir_sandbox_nameservers_parse(const gchar *text);

/* Those of this host; NULL if there are none. */
GStrv gvir_sandbox_nameservers_find(void);

/* The domains in which @text, a resolv.conf, has short names looked for, separated by spaces; NULL if there are none.
 */
gchar *gvir_sandbox_nameservers_parse_search(const gchar *text);

/* Those of this host. */
gchar *gvir_sandbox_nameservers_find_search(void);
