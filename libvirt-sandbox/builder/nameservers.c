/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/nameservers-private.h"

#include <arpa/inet.h>
#include <string.h>

/* The C library asks no more than these. */
#define NAMESERVERS_MAX 3

/* The second is systemd-resolved's: the servers that it asks itself, where the first names only its own. */
static const gchar *const files[] = { "/etc/resolv.conf", "/run/systemd/resolve/resolv.conf" };

static gboolean
is_for_others(const gchar *address)
{
    struct in_addr ip;
    guint first;

    if (inet_pton(AF_INET, address, &ip) != 1)
        return FALSE;
    first = ntohl(ip.s_addr) >> 24;
    return first != 0 && first != 127;
}

GStrv
gvir_sandbox_nameservers_parse(const gchar *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GPtrArray *found = g_ptr_array_new();

    for (gsize i = 0; lines[i] && found->len < NAMESERVERS_MAX; i++) {
        g_auto(GStrv) words = g_strsplit_set(g_strdelimit(lines[i], "\r", ' '), " \t", -1);
        gsize value = 1;

        if (g_strcmp0(words[0], "nameserver") != 0)
            continue;
        while (words[value] && *words[value] == '\0')
            value++;
        if (words[value] && is_for_others(words[value]))
            g_ptr_array_add(found, g_strdup(words[value]));
    }
    g_ptr_array_add(found, NULL);
    return (GStrv)g_ptr_array_free(found, FALSE);
}

GStrv
gvir_sandbox_nameservers_find(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree gchar *text = NULL;
        g_auto(GStrv) found = NULL;

        if (!g_file_get_contents(files[i], &text, NULL, NULL))
            continue;
        found = gvir_sandbox_nameservers_parse(text);
        if (*found)
            return g_steal_pointer(&found);
    }
    return NULL;
}
