/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/network/nameservers-private.h"

#include <arpa/inet.h>
#include <string.h>

/* The C library asks no more than these. */
#define NAMESERVERS_MAX 3
/* Older ones take no more characters and no more domains, and what is longer is a mistake. */
#define SEARCH_LENGTH_MAX 256
#define SEARCH_MAX 6

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

/* The words of a line, of which some may be empty. */
static GStrv
split_line(gchar *line)
{
    return g_strsplit_set(g_strdelimit(line, "\r", ' '), " \t", -1);
}

GStrv
gvir_sandbox_nameservers_parse(const gchar *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GPtrArray *found = g_ptr_array_new();

    for (gsize i = 0; lines[i] && found->len < NAMESERVERS_MAX; i++) {
        g_auto(GStrv) words = split_line(lines[i]);
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

static gboolean
is_domain(const gchar *name)
{
    gsize length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._");

    return length > 0 && name[length] == '\0' && strcmp(name, ".") != 0;
}

static gchar *
join_domains(const gchar *const *words)
{
    g_autoptr(GString) domains = g_string_new(NULL);

    for (guint count = 0; *words && count < SEARCH_MAX; words++) {
        if (!is_domain(*words) || domains->len + 1 + strlen(*words) > SEARCH_LENGTH_MAX)
            continue;
        g_string_append_printf(domains, "%s%s", domains->len > 0 ? " " : "", *words);
        count++;
    }
    return domains->len > 0 ? g_string_free(g_steal_pointer(&domains), FALSE) : NULL;
}

/* The last line counts. */
gchar *
gvir_sandbox_nameservers_parse_search(const gchar *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autofree gchar *found = NULL;

    for (gsize i = 0; lines[i]; i++) {
        g_auto(GStrv) words = split_line(lines[i]);

        if (g_strcmp0(words[0], "search") != 0 && g_strcmp0(words[0], "domain") != 0)
            continue;
        g_free(found);
        found = join_domains((const gchar *const *)words + 1);
    }
    return g_steal_pointer(&found);
}

gchar *
gvir_sandbox_nameservers_find_search(void)
{
    g_autofree gchar *text = NULL;

    if (!g_file_get_contents(files[0], &text, NULL, NULL))
        return NULL;
    return gvir_sandbox_nameservers_parse_search(text);
}
