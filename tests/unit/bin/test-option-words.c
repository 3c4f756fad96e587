/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/options/option-words.h"
#include "libvirt-sandbox/libvirt-sandbox.h"

#include <string.h>

/* Which word of a command line is whose, and what belongs to the command lines of other programs. */

static gboolean
ignore(const gchar *name G_GNUC_UNUSED, const gchar *value G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
       GError **error G_GNUC_UNUSED)
{
    return TRUE;
}

static gchar *text;
static gboolean flag;

static const GOptionEntry entries[] = {
    { "overlay", 0, G_OPTION_FLAG_OPTIONAL_ARG, G_OPTION_ARG_CALLBACK, ignore, NULL, NULL },
    { "name", 'n', 0, G_OPTION_ARG_STRING, &text, NULL, NULL },
    { "include", 'i', 0, G_OPTION_ARG_STRING, &text, NULL, NULL },
    { "tty", 't', 0, G_OPTION_ARG_NONE, &flag, NULL, NULL },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &flag, NULL, NULL },
    { "privileged", 'p', 0, G_OPTION_ARG_NONE, &flag, NULL, NULL },
    { 0 },
};

static void
test_words(void)
{
    static const struct {
        const gchar *words, *expected;
    } cases[] = {
        { "", "" },
        { "make install", "make install" },
        { "--overlay make install", "--overlay --no-value make install" },
        { "--overlay=/x make", "--overlay=/x make" },
        { "--overlay", "--overlay --no-value" },
        { "--overlay -- make", "--overlay --no-value -- make" },
        { "make --overlay x", "make --overlay x" },
        { "-- --overlay x", "-- --overlay x" },
        /* A value that looks like an option is one all the same. */
        { "-n --overlay x", "-n --overlay x" },
        { "--name --overlay x", "--name --overlay x" },
        { "--name=y --overlay x", "--name=y --overlay --no-value x" },
        { "-tn --overlay --overlay x", "-tn --overlay --overlay --no-value x" },
        { "-t - --overlay", "-t - --overlay" },
        { "--unknown --overlay x", "--unknown --overlay --no-value x" },
        { "-n", "-n" },
        { "-v make a:/b", "-v make a:/b" },
        { "-v -n a:/b make", "-v -n a:/b make" },
        { "-v -- a:/b", "-v -- a:/b" },
        { "a:/b", "a:/b" },
        { "-v a:b", "-v a:b" },
        { "-p 7z x", "-p 7z x" },
        { "-p make 80:80", "-p make 80:80" },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(GStrv) words = g_strsplit(cases[i].words, " ", -1);
        g_autoptr(GError) error = NULL;
        g_auto(GStrv) prepared = option_words_prepare(words, entries, &error);
        g_autofree gchar *joined = NULL;

        g_test_message("%s", cases[i].words);
        g_assert_no_error(error);
        joined = g_strjoinv(" ", prepared);
        g_assert_cmpstr(joined, ==, cases[i].expected);
    }
}

static void
test_foreign(void)
{
    static const struct {
        const gchar *words, *message;
    } cases[] = {
        { "-it debian sh", "-it: -i is --include here" },
        { "--tty -ti sh", "-ti: -i is --include here" },
        { "-v /src:/dst sh", "-v /src:/dst: -v is --verbose here; that mount is --mount host-bind:/dst=/src" },
        { "-v .:/dst:ro sh", "-v .:/dst:ro: -v is --verbose here; that mount is --mount host-bind:/dst=.,ro" },
        { "--volume /src:/dst sh", "--volume: a directory of the host is mounted with --mount" },
        { "--volume=/src:/dst sh", "--volume: a directory of the host is mounted with --mount" },
        { "-p 80:80 sh", "-p 80:80: -p is --privileged here" },
        { "-p 127.0.0.1:8080:80/tcp sh", "-p 127.0.0.1:8080:80/tcp: -p is --privileged here" },
        { "--publish=80 sh", "--publish: no port" },
        { "--net=host sh", "--net: a network is --network OPTS: user, dhcp or source=NETWORK" },
        { "--net none sh", "--net: a network is --network" },
        { "-t --ro-bind / / sh", "--ro-bind: a directory of the host is mounted with --mount host-bind:DST=DIR,ro" },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(GStrv) words = g_strsplit(cases[i].words, " ", -1);
        g_autoptr(GError) error = NULL;

        g_test_message("%s", cases[i].words);
        g_assert_null(option_words_prepare(words, entries, &error));
        g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID);
        g_assert_cmpstr(error->message, !=, NULL);
        g_assert_true(g_str_has_prefix(error->message, cases[i].message));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/option-words/words", test_words);
    g_test_add_func("/option-words/foreign", test_foreign);
    return g_test_run();
}
