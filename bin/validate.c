/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/validate.h"

#include "bin/messages/message.h"
#include "bin/options/option-remedy.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Scripts look for these words, so they are the same in every language. */
static const struct {
    const gchar *word, *colour;
} levels[] = {
    [GVIR_SANDBOX_FINDING_LEVEL_PASS] = { "PASS", "\033[32m" },
    [GVIR_SANDBOX_FINDING_LEVEL_WARN] = { "WARN", "\033[33m" },
    [GVIR_SANDBOX_FINDING_LEVEL_FAIL] = { "FAIL", "\033[31m" },
};

static gboolean
wants_colour(void)
{
    const gchar *refused = g_getenv("NO_COLOR");

    return isatty(STDOUT_FILENO) && g_strcmp0(g_getenv("TERM"), "dumb") != 0 && !(refused && *refused);
}

/* For programs, as a file of JSON objects. */
static void
print_object(GVirSandboxFindingLevel level, const gchar *what, const gchar *detail)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    g_autoptr(JsonObject) object = json_object_new();
    g_autofree gchar *valid = g_utf8_make_valid(detail, -1);
    g_autofree gchar *line = NULL;

    json_object_set_string_member(object, "level", levels[level].word);
    json_object_set_string_member(object, "what", what);
    json_object_set_string_member(object, "detail", valid);
    json_node_set_object(node, object);
    line = json_to_string(node, FALSE);
    printf("%s\n", line);
}

/* As the bytes are: g_print() has a question mark for each that the locale does not know. */
static void
print_line(GVirSandboxFindingLevel level, const gchar *what, const gchar *detail)
{
    g_autofree gchar *text = g_strdup_printf("%s: %s", what, detail);
    g_autofree gchar *line = message_line(text);

    if (wants_colour())
        printf("%s%s\033[0m  %s\n", levels[level].colour, levels[level].word, line);
    else
        printf("%s  %s\n", levels[level].word, line);
}

static void
print_finding(const Options *options, GVirSandboxFindingLevel level, const gchar *what, const gchar *detail,
              const gchar *remedy)
{
    g_autofree gchar *explained = option_remedy_explain(detail, remedy);

    if (options->json)
        print_object(level, what, explained);
    else
        print_line(level, what, explained);
}

int
validate_host(const Options *options, GVirSandboxConfigInteractive *config)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVirConnection) connection = gvir_sandbox_connection_new(options->connect, options->qemu_user, &error);
    g_autoptr(GVirSandboxContextInteractive) context = NULL;
    int status = EXIT_SUCCESS;
    GList *findings;

    if (!connection) {
        print_finding(options, GVIR_SANDBOX_FINDING_LEVEL_FAIL, _("connection"), error->message,
                      gvir_sandbox_error_get_remedy(error));
        return STATUS_BROKEN;
    }
    context = gvir_sandbox_context_interactive_new(connection, config);
    findings = gvir_sandbox_context_validate(GVIR_SANDBOX_CONTEXT(context));
    for (GList *link = findings; link; link = link->next) {
        GVirSandboxFindingLevel level = gvir_sandbox_finding_get_level(link->data);

        print_finding(options, level, gvir_sandbox_finding_get_what(link->data),
                      gvir_sandbox_finding_get_detail(link->data), gvir_sandbox_finding_get_remedy(link->data));
        if (level == GVIR_SANDBOX_FINDING_LEVEL_FAIL)
            status = STATUS_BROKEN;
    }
    g_list_free_full(findings, g_object_unref);
    return status;
}
