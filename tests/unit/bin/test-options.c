/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/options/option-table.h"
#include "bin/options/options-config.h"
#include "libvirt-sandbox/libvirt-sandbox.h"

#include <string.h>

/* From the words of a command line to a description, by the table of options. */

static Options *
parse(const gchar *words)
{
    g_autofree gchar *all = g_strconcat("virt-sandbox ", words, NULL);
    g_auto(GStrv) argv = g_strsplit(all, " ", -1);
    g_autoptr(GError) error = NULL;
    Options *options = options_parse(argv, &error);

    g_assert_no_error(error);
    return options;
}

/* What a row says of itself is so. */
static void
test_rows(void)
{
    g_autoptr(GVirSandboxConfigInteractive) config = gvir_sandbox_config_interactive_new(NULL);
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) letters = g_hash_table_new(NULL, NULL);

    for (const Option *option = option_table; option->name; option++) {
        gboolean applied = option->property || option->parse || option->apply;

        g_test_message("%s", option->name);
        g_assert_true(g_hash_table_add(names, (gpointer)option->name));
        g_assert_true(!option->letter || g_hash_table_add(letters, GINT_TO_POINTER(option->letter)));
        g_assert_cmpint(applied, ==, option->step != OPTION_STEP_NEVER);
        g_assert_cmpint(option->argument == NULL, ==, option->kind == OPTION_SWITCH);
        if (option->property)
            g_assert_nonnull(g_object_class_find_property(G_OBJECT_GET_CLASS(config), option->property));
    }
}

static void
test_names(void)
{
    static const struct {
        const gchar *property, *name;
    } cases[] = {
        { "root", "root" },
        { "kernrelease", "kernver" },
        { "workdir", "chdir" },
        { "username", "switchto" },
        { "security-label", "security" },
        { "overlay-dir", "overlay" },
        { "tty", "tty" },
        { "mount", "mount" },
        { "virt-type", "virt-type" },
        { "no-such", NULL },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpstr(options_name_for_property(cases[i].property), ==, cases[i].name);
}

/* What the options say is found in the description, as its saved form has it. */
static void
test_description(void)
{
    static const struct {
        const gchar *words, *saved;
    } cases[] = {
        { "-n x true", "name=x\n" },
        { "--root=/usr true", "root=/usr\n" },
        { "--root=/ --root=/usr true", "root=/usr\n" },
        { "--overlay true", "overlay=true\n" },
        { "--overlay --changes=/tmp/x.tar true", "changes=/tmp/x.tar\n" },
        { "--overlay --changes=- true", "changes=-\n" },
        { "--overlay=/tmp true", "overlayDir=/tmp\n" },
        { "--overlay=/tmp --overlay true", "overlay=true\n" },
        { "--hide=/a --hide=/b true", "hide.0=/a\nhide.1=/b\n" },
        { "--hide-secrets true", "hideSecrets=true\n" },
        { "--home true", "privateHome=true\n" },
        { "--home=64M -S root true", "homeSize=67108864\n" },
        { "--disk=file:a=/dev/null true", "tag=a\nsource=/dev/null\n" },
        { "-m ram:/tmp=1M --mount=ram:/srv=2M true", "target=/srv\nusage=2097152\n" },
        { "-m ram:/etc=1M -i /etc/hostname true", "dst=/hostname\nsrc=/etc/hostname\n" },
        { "-e A=1 -e B=2 true", "key=B\nvalue=2\n" },
        { "-C /usr true", "workdir=/usr\n" },
        { "-w /usr true", "workdir=/usr\n" },
        { "-N dhcp true", "dhcp=true\n" },
        { "-s static,label=a:b:c true", "label=a:b:c\n" },
        { "-p true", "username=root\nhomedir=/root\nprivileged=true\n" },
        { "-S root true", "uid=0\ngid=0\nusername=root\nhomedir=/root\nprivileged=false\n" },
        { "-u root true", "uid=0\ngid=0\nusername=root\n" },
        { "--memory=512M true", "memory=536870912\n" },
        { "--cpus=3 true", "cpus=3\n" },
        { "--timeout=1.5s true", "timeout=1500\n" },
        { "-t true", "tty=true\n" },
        { "-T true", "tty=false\n" },
        { "-l true", "shell=true\n" },
        { "--kernver=6.1 true", "kernrelease=6.1\n" },
        { "--kernpath=/boot/x true", "kernpath=/boot/x\n" },
        { "--kmodpath=/lib/x true", "kmodpath=/lib/x\n" },
        { "--virt-type=qemu true", "virtType=qemu\n" },
        { "-v true", "verbose=true\n" },
        { "-d true", "debug=true\n" },
        { "--rm -- echo -t", "argv.0=echo\nargv.1=-t\n" },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree gchar *words = g_strconcat("--save=/nowhere ", cases[i].words, NULL);
        g_autoptr(Options) options = parse(words);
        g_autoptr(GError) error = NULL;
        g_autoptr(GVirSandboxConfigInteractive) config = options_make_config(options, &error);
        g_autofree gchar *saved = NULL;

        g_assert_no_error(error);
        saved = gvir_sandbox_config_save_to_data(GVIR_SANDBOX_CONFIG(config), &error);
        g_assert_no_error(error);
        g_test_message("%s:\n%s", words, saved);
        g_assert_nonnull(strstr(saved, cases[i].saved));
    }
}

static void
test_overlay_in_memory(void)
{
    g_autoptr(Options) options = parse("--overlay=/tmp --overlay true");
    g_autoptr(GVirSandboxConfigInteractive) config = options_make_config(options, NULL);

    g_assert_true(gvir_sandbox_config_get_overlay(GVIR_SANDBOX_CONFIG(config)));
    g_assert_null(gvir_sandbox_config_get_overlay_dir(GVIR_SANDBOX_CONFIG(config)));
}

/* A message begins with the option as the user wrote it. */
static void
test_mistakes(void)
{
    static const struct {
        const gchar *words, *message;
    } cases[] = {
        { "--root= true", "--root : must not be empty" },
        { "-C  true", "--chdir : must not be empty" },
        { "--overlay= true", "--overlay=: no directory" },
        { "--share= true", "--share=: no directory" },
        { "--changes=/x/ --overlay true", "--changes /x/: not the name of a file" },
        { "--changes=/x true", "--changes /x: needs --overlay" },
        { "--hide=/ true", "--hide: / is all" },
        { "--mount=x true", "--mount x: " },
        { "-e =x true", "--env =x: " },
        { "--env-file=/nonexistent/env true", "--env-file " },
        { "--cpus=x true", "--cpus x: not a number from 1 to 4096" },
        { "--timeout=0 true", "--timeout 0: not a time above 0" },
        { "--memory=x true", "--memory x: " },
        { "--virt-type=xen true", "--virt-type xen: not one of auto, kvm and qemu" },
        { "-S no-such-user true", "--switchto no-such-user: no such user" },
        { "--include=/x true", "--include /x: " },
        { "-I /nonexistent/x true", "--includefile " },
        { "--security=x true", "--security x: " },
        { "--network=x true", "--network x: " },
        { "--disk=x true", "--disk x: " },
        { "--home=x true", "--home x: " },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Options) options = parse(cases[i].words);
        g_autoptr(GError) error = NULL;

        g_assert_null(options_make_config(options, &error));
        g_test_message("%s: %s", cases[i].words, error->message);
        g_assert_cmpstr(error->message, !=, NULL);
        g_assert_true(g_str_has_prefix(error->message, cases[i].message));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gvir_sandbox_init(&argc, &argv);
    g_test_add_func("/options/rows", test_rows);
    g_test_add_func("/options/names", test_names);
    g_test_add_func("/options/description", test_description);
    g_test_add_func("/options/overlay-in-memory", test_overlay_in_memory);
    g_test_add_func("/options/mistakes", test_mistakes);
    return g_test_run();
}
