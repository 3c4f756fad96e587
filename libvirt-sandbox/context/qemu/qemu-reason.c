/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/qemu/qemu-reason-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <string.h>

/* What helps, for what people meet; the rest of QEMU's sentence stays behind it. */
static const struct {
    const gchar *sign;
    const gchar *text;
} known[] = {
    { "cannot set up guest memory", N_("this host does not give a machine so much memory; ask for less") },
    { "Failed to get \"write\" lock", N_("an image is in use by another machine") },
    { "Failed to get shared \"write\" lock", N_("an image is in use by another machine") },
    { "Could not access KVM kernel module", N_("QEMU cannot use KVM; use virt-type auto or qemu") },
    { "failed to initialize kvm", N_("QEMU cannot use KVM; use virt-type auto or qemu") },
};

/* Behind "TIME PATH/qemu-system-ARCH: ", or NULL: a line begins with the name of the program, behind the time
 * or what libvirt says of it. */
static const gchar *
find_sentence(const gchar *line)
{
    for (const gchar *at = strstr(line, "qemu-"); at; at = strstr(at + 1, "qemu-")) {
        const gchar *end = at + strcspn(at, ": \t");

        if (g_str_has_prefix(end, ": ") && (at == line || at[-1] == ' ' || at[-1] == '/'))
            return end + 2;
    }
    return NULL;
}

/* "-fsdev local,…: reason": the command line is ours, not the user's. */
static const gchar *
skip_option(const gchar *sentence)
{
    const gchar *end = *sentence == '-' ? strstr(sentence, ": ") : NULL;

    return end ? end + 2 : sentence;
}

static gboolean
is_warning(const gchar *sentence)
{
    return g_str_has_prefix(skip_option(sentence), "warning:") || g_str_has_prefix(sentence, "warning:");
}

/* The last sentence that is more than a warning, with the lines behind it that belong to it. */
static gchar *
find_last(gchar **lines)
{
    g_autoptr(GString) last = g_string_new(NULL);
    gboolean inside = FALSE;

    for (gsize i = 0; lines[i]; i++) {
        const gchar *sentence = find_sentence(lines[i]);

        if (sentence) {
            inside = !is_warning(sentence);
            if (inside)
                g_string_assign(last, skip_option(sentence));
        } else if (inside && *lines[i]) {
            g_string_append_printf(last, " %s", lines[i]);
        }
    }
    return last->len > 0 ? g_strdup(last->str) : NULL;
}

gchar *
gvir_sandbox_qemu_reason(const gchar *message)
{
    g_auto(GStrv) lines = g_strsplit(message, "\n", -1);
    g_autofree gchar *last = find_last(lines);

    for (gsize i = 0; last && i < G_N_ELEMENTS(known); i++) {
        if (strstr(last, known[i].sign))
            return g_strdup_printf("%s (%s)", _(known[i].text), last);
    }
    return g_steal_pointer(&last);
}
