/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/guest/manifest.h"

#include <glib.h>
#include <string.h>

typedef struct guest_manifest manifest_t;
typedef struct guest_manifest_text manifest_text_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(manifest_t, guest_manifest_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(manifest_text_t, guest_manifest_text_clear)

static void
test_text(void)
{
    g_auto(manifest_text_t) text = { 0 };

    guest_manifest_append(&text, GUEST_WORD_MANIFEST, "1", NULL);
    guest_manifest_append(&text, GUEST_WORD_ENV, "A B", "", NULL);
    guest_manifest_append(&text, GUEST_WORD_ARG, "x\\y\n\x7f\xc3\xa9", NULL);
    guest_manifest_append(&text, GUEST_WORD_END, NULL);
    g_assert_false(text.failed);
    g_assert_cmpstr(text.data, ==, "manifest 1\nenv A\\x20B \\e\narg x\\x5cy\\x0a\\x7f\xc3\xa9\nend\n");
    g_assert_cmpuint(text.length, ==, strlen(text.data));
}

/* What is written comes back, whatever it is. */
static void
test_round_trip(void)
{
    static const char *const values[] = { "", "e", "\\e", "\\x41", "a b", " ", "\n", "end", "a\nend\n", "  x  " };
    g_auto(manifest_text_t) text = { 0 };
    g_auto(manifest_t) manifest = { 0 };
    char all[256];
    const char *reason;
    unsigned line;

    for (unsigned byte = 1; byte < 256; byte++) {
        all[byte - 1] = (char)byte;
    }
    all[255] = '\0';

    guest_manifest_append(&text, GUEST_WORD_MANIFEST, "1", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        guest_manifest_append(&text, GUEST_WORD_ARG, values[i], NULL);
    }
    guest_manifest_append(&text, GUEST_WORD_MOUNT, "tmpfs", "/a b", "", all, "rw", NULL);
    guest_manifest_append(&text, GUEST_WORD_END, NULL);
    g_assert_false(text.failed);

    g_assert_true(guest_manifest_parse(&manifest, text.data, text.length, &reason, &line));
    g_assert_null(reason);
    g_assert_cmpuint(manifest.count, ==, G_N_ELEMENTS(values) + 3);
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        g_assert_cmpint(manifest.directives[i + 1].word, ==, GUEST_WORD_ARG);
        g_assert_cmpuint(manifest.directives[i + 1].line, ==, i + 2);
        g_assert_cmpstr(manifest.directives[i + 1].fields[0], ==, values[i]);
    }
    g_assert_cmpstr(guest_manifest_find(&manifest, GUEST_WORD_MOUNT)->fields[1], ==, "/a b");
    g_assert_cmpstr(guest_manifest_find(&manifest, GUEST_WORD_MOUNT)->fields[2], ==, "");
    g_assert_cmpstr(guest_manifest_find(&manifest, GUEST_WORD_MOUNT)->fields[3], ==, all);
}

static void
test_every_byte(void)
{
    for (unsigned byte = 1; byte < 256; byte++) {
        g_auto(manifest_text_t) text = { 0 };
        g_auto(manifest_t) manifest = { 0 };
        const char value[] = { 'a', (char)byte, '\0' };
        const char *reason;
        unsigned line;

        guest_manifest_append(&text, GUEST_WORD_MANIFEST, "1", NULL);
        guest_manifest_append(&text, GUEST_WORD_WORKDIR, value, NULL);
        guest_manifest_append(&text, GUEST_WORD_END, NULL);
        g_assert_true(guest_manifest_parse(&manifest, text.data, text.length, &reason, &line));
        g_assert_cmpstr(guest_manifest_value(&manifest, GUEST_WORD_WORKDIR), ==, value);
    }
}

static void
test_find(void)
{
    char text[] = "manifest 1\ndebug\nenv A 1\nenv B 2\nend\n";
    g_auto(manifest_t) manifest = { 0 };
    const char *reason;
    unsigned line;

    g_assert_true(guest_manifest_parse(&manifest, text, strlen(text), &reason, &line));
    g_assert_cmpstr(guest_manifest_find(&manifest, GUEST_WORD_ENV)->fields[1], ==, "1");
    g_assert_cmpstr(guest_manifest_value(&manifest, GUEST_WORD_ENV), ==, "A");
    g_assert_nonnull(guest_manifest_find(&manifest, GUEST_WORD_DEBUG));
    g_assert_null(guest_manifest_value(&manifest, GUEST_WORD_DEBUG));
    g_assert_null(guest_manifest_find(&manifest, GUEST_WORD_TTY));
    g_assert_null(guest_manifest_value(&manifest, GUEST_WORD_UID));
}

static void
test_tty(void)
{
    static const struct {
        const char *text;
        bool terminal[3];
    } good[] = {
        { "012", { true, true, true } }, { "01", { true, true, false } }, { "02", { true, false, true } },
        { "12", { false, true, true } }, { "1", { false, true, false } }, { "2", { false, false, true } },
    };
    static const char *const bad[] = { "", "0", "3", "21", "10", "11", "012x", "x012", "0122", " 1" };
    bool terminal[3];

    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        g_assert_true(guest_manifest_read_tty(good[i].text, terminal));
        g_assert_cmpmem(terminal, sizeof(terminal), good[i].terminal, sizeof(terminal));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_false(guest_manifest_read_tty(bad[i], terminal));
    }
}

/* Every word, with its fields and with one more and one less. */
static void
test_fields(void)
{
    static const struct {
        const char *name;
        unsigned fields;
    } cases[] = {
        { "driver", 1 },     { "debug", 0 },     { "moments", 0 },
        { "hostname", 1 },   { "module", 1 },    { "filesystem", 2 },
        { "users", 3 },      { "root", 4 },      { "submount", 3 },
        { "overlay", 1 },    { "changes", 1 },   { "closed", 1 },
        { "mount", 5 },      { "include", 4 },   { "disk", 2 },
        { "hide", 1 },       { "link", 2 },      { "private-home", 2 },
        { "toolchain", 1 },  { "interface", 2 }, { "address", 4 },
        { "route", 4 },      { "dhcp", 1 },      { "nameserver", 1 },
        { "search", 1 },     { "forbid", 3 },    { "uid", 1 },
        { "gid", 1 },        { "user", 1 },      { "home", 1 },
        { "env", 2 },        { "workdir", 1 },   { "workdir-optional", 0 },
        { "privileged", 0 }, { "filter", 1 },    { "tty", 1 },
        { "shell", 1 },      { "service", 0 },   { "arg", 1 },
    };

    /* Without "manifest" and "end", which have lines of their own. */
    g_assert_cmpuint(G_N_ELEMENTS(cases), ==, GUEST_WORD_COUNT - 2);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        for (unsigned count = 0; count <= GUEST_MANIFEST_FIELDS_MAX + 1; count++) {
            g_autoptr(GString) text = g_string_new("manifest 1\n");
            g_auto(manifest_t) manifest = { 0 };
            const char *reason;
            unsigned line;
            bool parsed;

            g_string_append(text, cases[i].name);
            for (unsigned field = 0; field < count; field++) {
                g_string_append(text, " x");
            }
            g_string_append(text, "\nend\n");
            parsed = guest_manifest_parse(&manifest, text->str, text->len, &reason, &line);
            if (count == cases[i].fields) {
                g_assert_true(parsed);
                g_assert_cmpuint(manifest.directives[1].field_count, ==, count);
            } else {
                g_assert_false(parsed);
                g_assert_cmpuint(line, ==, 2);
                g_assert_cmpstr(reason, ==, count < cases[i].fields ? "too few fields" : "too many fields");
            }
        }
    }
}

/* What every manifest must have: each line is needed, and no other. */
static void
test_missing(void)
{
    static const struct {
        const char *name, *line;
    } cases[] = {
        { "driver", "driver machine\n" },
        { "root", "root bind / \\e ro\n" },
        { "uid", "uid 0\n" },
        { "gid", "gid 0\n" },
        { "arg", "arg a\n" },
    };

    for (size_t left_out = 0; left_out <= G_N_ELEMENTS(cases); left_out++) {
        g_autoptr(GString) text = g_string_new("manifest 1\n");
        g_auto(manifest_t) manifest = { 0 };
        const char *reason;
        unsigned line;

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
            if (i != left_out) {
                g_string_append(text, cases[i].line);
            }
        }
        g_string_append(text, "end\n");
        g_assert_true(guest_manifest_parse(&manifest, text->str, text->len, &reason, &line));
        g_assert_cmpstr(guest_manifest_missing(&manifest), ==,
                        left_out < G_N_ELEMENTS(cases) ? cases[left_out].name : NULL);
    }
}

/* All lines with a word, in their order. */
static void
test_next(void)
{
    char text[] = "manifest 1\nenv A 1\ntty 12\nenv B 2\nend\n";
    g_auto(manifest_t) manifest = { 0 };
    const struct guest_directive *directive = NULL;
    const char *reason;
    unsigned line;

    g_assert_true(guest_manifest_parse(&manifest, text, strlen(text), &reason, &line));
    directive = guest_manifest_next(&manifest, GUEST_WORD_ENV, directive);
    g_assert_cmpstr(directive->fields[0], ==, "A");
    directive = guest_manifest_next(&manifest, GUEST_WORD_ENV, directive);
    g_assert_cmpstr(directive->fields[0], ==, "B");
    g_assert_null(guest_manifest_next(&manifest, GUEST_WORD_ENV, directive));
    g_assert_null(guest_manifest_next(&manifest, GUEST_WORD_DEBUG, NULL));
    g_assert_null(guest_manifest_next(&manifest, GUEST_WORD_END, guest_manifest_find(&manifest, GUEST_WORD_END)));
}

static void
test_broken(void)
{
    static const struct {
        const char *text, *reason;
        unsigned line;
    } cases[] = {
        { "", "empty", 0 },
        { "\n", "unknown directive", 1 },
        { "debug\nend\n", "does not start as a manifest", 1 },
        { "manifest 2\nend\n", "version of the manifest is not known", 1 },
        { "manifest\nend\n", "too few fields", 1 },
        { "manifest 1\nmanifest 1\nend\n", "second \"manifest\" line", 2 },
        { "manifest 1\n", "cut off: no \"end\"", 1 },
        { "manifest 1\ndebug\n", "cut off: no \"end\"", 2 },
        { "manifest 1\nend", "cut off in a line", 2 },
        { "manifest 1\nend\ndebug\n", "text after \"end\"", 2 },
        { "manifest 1\nend\nend\n", "text after \"end\"", 2 },
        { "manifest 1\n\nend\n", "unknown directive", 2 },
        { "manifest 1\nDebug\nend\n", "unknown directive", 2 },
        { "manifest 1\nbogus 1\nend\n", "unknown directive", 2 },
        { "manifest 1\n debug\nend\n", "unknown directive", 2 },
        { "manifest 1\ndebug \nend\n", "too many fields", 2 },
        { "manifest 1\nenv A  B\nend\n", "empty field, or more than one space between two", 2 },
        { "manifest 1\nuid \nend\n", "empty field, or more than one space between two", 2 },
        { "manifest 1\narg a\tb\nend\n", "byte that must be escaped", 2 },
        { "manifest 1\narg a\x7f\nend\n", "byte that must be escaped", 2 },
        { "manifest 1\narg a\r\nend\n", "byte that must be escaped", 2 },
        { "manifest 1\narg \\\nend\n", "unknown escape", 2 },
        { "manifest 1\narg \\n\nend\n", "unknown escape", 2 },
        { "manifest 1\narg \\ea\nend\n", "unknown escape", 2 },
        { "manifest 1\narg a\\e\nend\n", "unknown escape", 2 },
        { "manifest 1\narg \\x\nend\n", "unknown escape", 2 },
        { "manifest 1\narg \\x4\nend\n", "unknown escape", 2 },
        { "manifest 1\narg \\x4g\nend\n", "unknown escape", 2 },
        { "manifest 1\narg \\x4A\nend\n", "unknown escape", 2 },
        { "manifest 1\narg \\x00\nend\n", "escaped zero byte", 2 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strdup(cases[i].text);
        struct guest_manifest manifest;
        const char *reason;
        unsigned line;

        g_assert_false(guest_manifest_parse(&manifest, text, strlen(text), &reason, &line));
        g_assert_cmpstr(reason, ==, cases[i].reason);
        g_assert_cmpuint(line, ==, cases[i].line);
        g_assert_cmpuint(manifest.count, ==, 0);
        g_assert_null(manifest.directives);
    }
}

static void
test_zero_byte(void)
{
    char text[] = "manifest 1\narg a\0b\nend\n";
    struct guest_manifest manifest;
    const char *reason;
    unsigned line;

    g_assert_false(guest_manifest_parse(&manifest, text, sizeof(text) - 1, &reason, &line));
    g_assert_cmpstr(reason, ==, "zero byte");
    g_assert_cmpuint(line, ==, 2);
}

/* No beginning of a manifest is a manifest. */
static void
test_truncated(void)
{
    static const char whole[] = "manifest 1\ndriver machine\nenv A \\e\narg a\\x20b\nend\n";

    for (size_t length = 0; length < strlen(whole); length++) {
        g_autofree char *text = g_strndup(whole, length);
        struct guest_manifest manifest;
        const char *reason;
        unsigned line;

        g_assert_false(guest_manifest_parse(&manifest, text, length, &reason, &line));
        g_assert_nonnull(reason);
    }
}

static void
test_many(void)
{
    g_auto(manifest_text_t) text = { 0 };
    g_auto(manifest_t) manifest = { 0 };
    const char *reason;
    unsigned line;

    guest_manifest_append(&text, GUEST_WORD_MANIFEST, "1", NULL);
    for (int i = 0; i < 100000; i++) {
        g_autofree char *value = g_strdup_printf("%d", i);

        guest_manifest_append(&text, GUEST_WORD_ARG, value, NULL);
    }
    guest_manifest_append(&text, GUEST_WORD_END, NULL);
    g_assert_true(guest_manifest_parse(&manifest, text.data, text.length, &reason, &line));
    g_assert_cmpuint(manifest.count, ==, 100002);
    g_assert_cmpstr(manifest.directives[100000].fields[0], ==, "99999");
}

static void
test_size_limit(void)
{
    g_auto(manifest_text_t) text = { 0 };
    g_autofree char *value = g_strnfill(GUEST_MANIFEST_SIZE_MAX / 2 + 1, 'x');
    struct guest_manifest manifest;
    const char *reason;
    unsigned line;
    size_t length;

    guest_manifest_append(&text, GUEST_WORD_ARG, value, NULL);
    g_assert_false(text.failed);
    length = text.length;
    guest_manifest_append(&text, GUEST_WORD_ARG, value, NULL);
    g_assert_true(text.failed);
    g_assert_cmpuint(text.length, <=, length + strlen("arg "));
    guest_manifest_append(&text, GUEST_WORD_DEBUG, NULL);
    g_assert_cmpuint(text.length, <=, length + strlen("arg "));

    g_assert_false(guest_manifest_parse(&manifest, value, (size_t)GUEST_MANIFEST_SIZE_MAX + 1, &reason, &line));
    g_assert_cmpstr(reason, ==, "too long");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/manifest/text", test_text);
    g_test_add_func("/manifest/round-trip", test_round_trip);
    g_test_add_func("/manifest/every-byte", test_every_byte);
    g_test_add_func("/manifest/find", test_find);
    g_test_add_func("/manifest/tty", test_tty);
    g_test_add_func("/manifest/fields", test_fields);
    g_test_add_func("/manifest/missing", test_missing);
    g_test_add_func("/manifest/next", test_next);
    g_test_add_func("/manifest/broken", test_broken);
    g_test_add_func("/manifest/zero-byte", test_zero_byte);
    g_test_add_func("/manifest/truncated", test_truncated);
    g_test_add_func("/manifest/many", test_many);
    g_test_add_func("/manifest/size-limit", test_size_limit);
    return g_test_run();
}
