/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "tests/unit/saved-text.h"
#include "tests/unit/test-directory.h"
#include "tests/unit/under-valgrind.h"

#include "libvirt-sandbox/config/config-file-private.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* Saved descriptions with a mistake: each is one clear error, at once. */

typedef struct {
    const gchar *text;
    const gchar *message;
} Mistake;

static void
refuse_all(const Mistake *mistakes, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        g_test_message("%s", mistakes[i].message);
        saved_text_refuse(mistakes[i].text, mistakes[i].message);
    }
}

static void
test_class(void)
{
    static const Mistake mistakes[] = {
        { "", "[api]: class is missing" },
        { "[core]\nname=n\n", "[api]: class is missing" },
        { "[api]\nclass=\n", "[api] class: \"\" is not a class of sandbox" },
        { "[api]\nclass=GObject\n", "[api] class: \"GObject\" is not a class of sandbox" },
        { "[api]\nclass=GVirSandboxConfig\n", "[api] class: \"GVirSandboxConfig\" is not a class of sandbox" },
        { "[api]\nclass=GVirSandboxConfigService\n",
          "[api] class: \"GVirSandboxConfigService\" is not a class of sandbox" },
        { "[api]\nclass=a\\nb\n", "[api] class: \"a\\nb\" is not a class of sandbox" },
        { "[api]\nclass=GVirSandboxConfigInteractive\n[core]\nname=\n", "[core]: name: must not be empty" },
        { SAVED_START, "[command]: argv.0 is missing" },
        { SAVED_START "[command]\nargv.1=x\n", "[command]: argv.0 is missing" },
        { SAVED_START "[command]\nargv.0=\n", "[command]: argv.0: must name the program to run" },
        { SAVED_START SAVED_COMMAND "argv.2=x\n", "[command] argv.2: there is no argv.1 before it" },
        { "[api]\nclass=GVirSandboxConfigServiceGeneric\n[core]\nname=n\n", "[command]: argv.0 is missing" },
        { "[api]\nclass=GVirSandboxConfigServiceSystemd\n[core]\nname=n\n[service]\nbootTarget=\n",
          "[service]: bootTarget: must not be empty" },
        { "[api]\nclass=GVirSandboxConfigServiceSystemd\n[core]\nname=n\n[service]\nbootTarget=a/b\n",
          "[service]: bootTarget: \"a/b\" must not have a slash in it" },
        { "[api]\nclass=GVirSandboxConfigServiceSystemd\n[core]\nname=n\n" SAVED_COMMAND, "[command]: unknown group" },
    };

    refuse_all(mistakes, G_N_ELEMENTS(mistakes));
}

static void
test_lines(void)
{
    static const Mistake mistakes[] = {
        { "name=n\n", "line 1: a setting without a [group] before it" },
        { "\n# x\n[api\n", "line 3: \"[api\" is not a group: expected [NAME]" },
        { "[api] x\n", "line 1: \"[api] x\" is not a group: expected [NAME]" },
        { "[api]\nclass\n", "line 2 in [api]: \"class\" is not a setting: expected KEY=VALUE" },
        { "[api]\n=x\n", "line 2 in [api]: \"=x\" is not a setting: expected KEY=VALUE" },
        { "[api]\nclass=a\nclass=b\n", "line 3 in [api]: class is there twice" },
        { "[api]\n[core]\n[api]\n", "line 3 in [api]: the group is there twice" },
        { "[api]\nclass=\xff\n", "line 2 in [api]: not valid UTF-8 text" },
        { "\177ELF\2\1\1", "line 1: \"\\x7fELF\\x02\\x01\\x01\" is not a setting: expected KEY=VALUE" },
        { "\xef\xbb\xbf[api]\n", "line 1: \"\\ufeff[api]\" is not a setting: expected KEY=VALUE" },
        { SAVED_START "[mount.0]\ntype=GVirSandboxConfigMou", "[mount.0]: target is missing" },
    };

    refuse_all(mistakes, G_N_ELEMENTS(mistakes));
}

static void
test_unknown(void)
{
    static const Mistake mistakes[] = {
        { SAVED_START "colour=red\n" SAVED_COMMAND, "[core] colour: unknown key" },
        { SAVED_START "name[de]=x\n" SAVED_COMMAND, "[core] name[de]: unknown key" },
        { SAVED_START "[secrets]\n" SAVED_COMMAND, "[secrets]: unknown group" },
        { SAVED_START SAVED_COMMAND "argv.01=x\n", "[command] argv.01: unknown key" },
        { SAVED_START SAVED_COMMAND "[mount.00]\n", "[mount.00]: unknown group" },
        { SAVED_START SAVED_COMMAND "[mount]\n", "[mount]: unknown group" },
        { SAVED_START SAVED_COMMAND "[service]\nbootTarget=x\n", "[service]: unknown group" },
        { SAVED_START SAVED_COMMAND "[mount.0]\ntarget=/x\n", "[mount.0]: type is missing" },
        { SAVED_START SAVED_COMMAND "[mount.0]\ntype=ram\ntarget=/x\n",
          "[mount.0] type: \"ram\" is not a type of mount" },
        { SAVED_START SAVED_COMMAND "[mount.0]\ntype=GVirSandboxConfigMountFile\ntarget=/x\n",
          "[mount.0] type: \"GVirSandboxConfigMountFile\" is not a type of mount" },
        { SAVED_START SAVED_COMMAND "[mount.0]\ntype=GVirSandboxConfigMountRam\ntarget=/x\nusage=1\nsource=/y\n",
          "[mount.0] source: unknown key" },
        { SAVED_START SAVED_COMMAND "[disk.0]\ntype=tape\ntag=t\nsource=/x\n",
          "[disk.0] type: \"tape\" is not one of file, block, dir, network" },
        { SAVED_START SAVED_COMMAND "[disk.0]\ntype=dir\ntag=t\nsource=/x\n", "[disk.0]: type: must be file or block" },
        { SAVED_START "virtType=xen\n" SAVED_COMMAND, "[core] virtType: \"xen\" is not one of auto, kvm, qemu" },
    };

    refuse_all(mistakes, G_N_ELEMENTS(mistakes));
}

static void
test_gaps(void)
{
    static const Mistake mistakes[] = {
        { SAVED_START SAVED_COMMAND "[mount.1]\n", "[mount.1]: there is no [mount.0] before it" },
        { SAVED_START SAVED_COMMAND "[env.3]\n", "[env.3]: there is no [env.2] before it" },
        { SAVED_START SAVED_COMMAND "[disk.1]\n", "[disk.1]: there is no [disk.0] before it" },
        { SAVED_START SAVED_COMMAND "[network.1]\n", "[network.1]: there is no [network.0] before it" },
        { SAVED_START SAVED_COMMAND
          "[mount.0]\ntype=GVirSandboxConfigMountRam\ntarget=/x\nusage=1\n[mount.0.include.1]\n",
          "[mount.0.include.1]: there is no [mount.0.include.0] before it" },
        { SAVED_START SAVED_COMMAND "[network.0]\n[network.0.address.1]\n",
          "[network.0.address.1]: there is no [network.0.address.0] before it" },
        { SAVED_START SAVED_COMMAND "[network.0]\nfilter=f\n[network.0.filter.1]\n",
          "[network.0.filter.1]: there is no [network.0.filter.0] before it" },
        { SAVED_START SAVED_COMMAND "[network.0]\n[network.0.filter.0]\nname=A\nvalue=b\n",
          "[network.0]: filter is missing" },
    };

    refuse_all(mistakes, G_N_ELEMENTS(mistakes));
}

static void
test_counts(void)
{
    static const Mistake mistakes[] = {
        { SAVED_START SAVED_COMMAND "[network.0]\naddresses=4000000000\n",
          "[network.0] addresses: there are not 4000000000, [network.0.address.0] is missing" },
        { SAVED_START SAVED_COMMAND "[network.0]\naddresses=4294967295\n",
          "[network.0] addresses: there are not 4294967295, [network.0.address.0] is missing" },
        { SAVED_START SAVED_COMMAND "[network.0]\naddresses=4294967296\n",
          "[network.0] addresses: \"4294967296\" is more than 4294967295" },
        { SAVED_START SAVED_COMMAND "[network.0]\nroutes=4294967295\n",
          "[network.0] routes: there are not 4294967295, [network.0.route.0] is missing" },
        { SAVED_START SAVED_COMMAND "[network.0]\naddresses=0\n[network.0.address.0]\nprimary=10.0.0.1\nprefix=8\n",
          "[network.0] addresses: there are more than 0, [network.0.address.0] is one too many" },
    };

    refuse_all(mistakes, G_N_ELEMENTS(mistakes));
}

static void
test_numbers(void)
{
    static const Mistake mistakes[] = {
        { SAVED_START "[identity]\nuid=x\n" SAVED_COMMAND, "[identity] uid: \"x\" is not a number" },
        { SAVED_START "[identity]\nuid=\n" SAVED_COMMAND, "[identity] uid: \"\" is not a number" },
        { SAVED_START "[identity]\nuid=-1\n" SAVED_COMMAND, "[identity] uid: \"-1\" is not a number" },
        { SAVED_START "[identity]\nuid=0x10\n" SAVED_COMMAND, "[identity] uid: \"0x10\" is not a number" },
        { SAVED_START "[identity]\nuid=1 2\n" SAVED_COMMAND, "[identity] uid: \"1 2\" is not a number" },
        { SAVED_START "[identity]\ngid=4294967296\n" SAVED_COMMAND,
          "[identity] gid: \"4294967296\" is more than 4294967295" },
        { SAVED_START "[identity]\ngid=4294967295\n" SAVED_COMMAND, "[identity]: gid: 4294967295 is not a valid id" },
        { SAVED_START "memory=18446744073709551616\n" SAVED_COMMAND,
          "[core] memory: \"18446744073709551616\" is more than 18446744073709551615" },
        { SAVED_START "memory=18446744073709551615\n" SAVED_COMMAND,
          "[core]: memory: 18446744073709551615 bytes: must be 1 MiB at least and 1 EiB at most" },
        { SAVED_START "memory=1K\n" SAVED_COMMAND, "[core] memory: \"1K\" is not a number" },
        { SAVED_START "memory=1024\n" SAVED_COMMAND,
          "[core]: memory: 1024 bytes: must be 1 MiB at least and 1 EiB at most" },
        { SAVED_START "cpus=4097\n" SAVED_COMMAND, "[core]: cpus: 4097 is more than 4096" },
        { SAVED_START "cpus=4294967296\n" SAVED_COMMAND, "[core] cpus: \"4294967296\" is more than 4294967295" },
        { SAVED_START "shell=maybe\n" SAVED_COMMAND, "[core] shell: \"maybe\" is neither true nor false" },
        { SAVED_START "[interactive]\ntty=\n" SAVED_COMMAND, "[interactive] tty: \"\" is neither true nor false" },
        { SAVED_START SAVED_COMMAND "[mount.0]\ntype=GVirSandboxConfigMountRam\ntarget=/x\n",
          "[mount.0]: usage is missing" },
        { SAVED_START SAVED_COMMAND "[mount.0]\ntype=GVirSandboxConfigMountRam\ntarget=/x\nusage=1k\n",
          "[mount.0] usage: \"1k\" is not a number" },
        { SAVED_START SAVED_COMMAND "[mount.0]\ntype=GVirSandboxConfigMountRam\ntarget=/x\nusage=0\n",
          "[mount.0]: usage: must be more than 0 bytes" },
        { SAVED_START SAVED_COMMAND "[network.0]\n[network.0.address.0]\nprimary=1.2.3.4\nprefix=33\n",
          "[network.0.address.0]: prefix: 33 is more than the 32 bits of the address" },
        { SAVED_START SAVED_COMMAND "[network.0]\n[network.0.address.0]\nprimary=::1\nprefix=129\n",
          "[network.0.address.0]: prefix: 129 is more than an address has bits" },
        { SAVED_START SAVED_COMMAND "[network.0]\n[network.0.address.0]\nprimary=1.2.3\nprefix=8\n",
          "[network.0.address.0]: primary: \"1.2.3\" is not an IP address" },
    };

    refuse_all(mistakes, G_N_ELEMENTS(mistakes));
}

static void
test_paths_and_names(void)
{
    static const Mistake mistakes[] = {
        { SAVED_START "root=srv\n" SAVED_COMMAND, "[core]: root: \"srv\" is not an absolute path" },
        { SAVED_START "root=\n" SAVED_COMMAND, "[core]: root: must not be empty" },
        { SAVED_START "kernpath=vmlinuz\n" SAVED_COMMAND, "[core]: kernpath: \"vmlinuz\" is not an absolute path" },
        { SAVED_START "kmodpath=m\n" SAVED_COMMAND, "[core]: kmodpath: \"m\" is not an absolute path" },
        { SAVED_START "kernrelease=../x\n" SAVED_COMMAND, "[core]: kernrelease: \"../x\" must not have a slash in it" },
        { SAVED_START "timeout=1000000000001\n" SAVED_COMMAND,
          "[core]: timeout: 1000000000001 is more than 1000000000000 milliseconds" },
        { SAVED_START "workdir=/a/../b\n" SAVED_COMMAND, "[core]: workdir: \"/a/../b\" must not have a \"..\" in it" },
        { SAVED_START "uuid=1234\n" SAVED_COMMAND, "[core]: uuid: \"1234\" is not a UUID" },
        { "[api]\nclass=GVirSandboxConfigInteractive\n[core]\nname=a/b\n" SAVED_COMMAND,
          "[core]: name: \"a/b\" must not have a slash in it" },
        { "[api]\nclass=GVirSandboxConfigInteractive\n[core]\nname=a\\nb\n" SAVED_COMMAND,
          "[core]: name: \"a\\nb\" must not have a control character in it" },
        { "[api]\nclass=GVirSandboxConfigInteractive\n[core]\nname=..\n" SAVED_COMMAND,
          "[core]: name: \"..\" is not a valid name" },
        { SAVED_START "[identity]\nhomedir=home\n" SAVED_COMMAND,
          "[identity]: homedir: \"home\" is not an absolute path" },
        { SAVED_START "[identity]\nusername=\n" SAVED_COMMAND, "[identity]: username: must not be empty" },
        { SAVED_START SAVED_COMMAND "[mount.0]\ntype=GVirSandboxConfigMountGuestBind\ntarget=/x\nsource=y\n",
          "[mount.0]: source: \"y\" is not an absolute path" },
        { SAVED_START SAVED_COMMAND "[mount.0]\ntype=GVirSandboxConfigMountGuestBind\ntarget=x\nsource=/y\n",
          "[mount.0]: target: \"x\" is not an absolute path" },
        { SAVED_START SAVED_COMMAND "[mount.0]\ntype=GVirSandboxConfigMountHostImage\ntarget=/x\n",
          "[mount.0]: source: must not be empty" },
        { SAVED_START SAVED_COMMAND "[disk.0]\ntype=file\ntag=t\n", "[disk.0]: source is missing" },
        { SAVED_START SAVED_COMMAND "[disk.0]\ntype=file\ntag=a/b\nsource=/x\n",
          "[disk.0]: tag: \"a/b\" must not have a slash in it" },
        { SAVED_START SAVED_COMMAND "[env.0]\nkey=A\n", "[env.0]: value is missing" },
        { SAVED_START SAVED_COMMAND "[env.0]\nkey=A=B\nvalue=\n", "[env.0]: \"A=B\" is not a valid variable name" },
        { SAVED_START SAVED_COMMAND "[network.0]\nmac=52:54:00:12:34\n",
          "[network.0]: mac: \"52:54:00:12:34\" is not like 52:54:00:12:34:56" },
        { SAVED_START SAVED_COMMAND "[network.0]\nmac=01:54:00:12:34:56\n",
          "[network.0]: mac: 01:54:00:12:34:56 is the address of a group" },
    };

    refuse_all(mistakes, G_N_ELEMENTS(mistakes));
}

static void
test_twice(void)
{
#define RAM(number, target) "[mount." number "]\ntype=GVirSandboxConfigMountRam\nusage=1\ntarget=" target "\n"
#define DISK(number, tag) "[disk." number "]\ntype=file\nsource=/x\ntag=" tag "\n"
    static const Mistake mistakes[] = {
        { SAVED_START SAVED_COMMAND DISK("0", "t") DISK("1", "u") DISK("2", "t"),
          "[disk.2]: tag: there is a disk t already" },
        { SAVED_START SAVED_COMMAND "[env.0]\nkey=A\nvalue=1\n[env.1]\nkey=A\nvalue=2\n",
          "[env.1]: key: the variable A is there twice" },
        { SAVED_START SAVED_COMMAND "[env.0]\nkey=A\\nB\nvalue=1\n[env.1]\nkey=A\\nB\nvalue=2\n",
          "[env.1]: key: the variable A\\nB is there twice" },
        { SAVED_START SAVED_COMMAND RAM("0", "/a") "[mount.0.include.0]\ndst=/x\nsrc=/y\n"
                                                   "[mount.0.include.1]\ndst=/x\nsrc=/z\n",
          "[mount.0.include.1] dst: \"/x\" is included twice" },
        { SAVED_START SAVED_COMMAND "[network.0]\nfilter=f\n[network.0.filter.0]\nname=A\nvalue=1\n"
                                    "[network.0.filter.1]\nname=A\nvalue=2\n",
          "[network.0.filter.1]: name: \"A\" is there twice" },
    };

    refuse_all(mistakes, G_N_ELEMENTS(mistakes));
}

static void
test_escapes(void)
{
    static const Mistake mistakes[] = {
        { SAVED_START "[env.0]\nkey=A\nvalue=a\\qb\n" SAVED_COMMAND,
          "[env.0] value: \"a\\qb\" has a backslash with none of s, n, t, r and a backslash behind it" },
        { SAVED_START "[env.0]\nkey=A\nvalue=a\\\n" SAVED_COMMAND,
          "[env.0] value: \"a\\\" has a backslash with none of s, n, t, r and a backslash behind it" },
        { SAVED_START "[command]\nargv.0=\\d\n",
          "[command] argv.0: \"\\d\" has a backslash with none of s, n, t, r and a backslash behind it" },
    };

    refuse_all(mistakes, G_N_ELEMENTS(mistakes));
}

static void
refuse_bytes(const gchar *data, gsize length, const gchar *message)
{
    GError *error = NULL;

    g_assert_null(gvir_sandbox_config_load_from_bytes(data, length, &error));
    assert_invalid(error, message);
}

static void
test_nul(void)
{
    static const gchar in_value[] = "[api]\nclass=GVir\0SandboxConfigInteractive\n";
    static const gchar alone[] = "\0";

    refuse_bytes(in_value, sizeof in_value - 1, "line 2 in [api]: not valid UTF-8 text");
    refuse_bytes(alone, 1, "line 1: not valid UTF-8 text");
}

/* Every cut of a right file loads or is refused with one clear error. */
static void
test_truncated(void)
{
    static const gchar whole[] =
        SAVED_START "uuid=6d7de0b5-0f52-4c8e-9a51-7e2f8f6e0b11\n[identity]\nuid=1\n" SAVED_COMMAND
                    "[network.0]\naddresses=1\nfilter=f\n[network.0.address.0]\nprimary=10.0.0.1\nprefix=24\n"
                    "[mount.0]\ntype=GVirSandboxConfigMountRam\ntarget=/x\nusage=10\n";

    for (gsize length = 0; length < sizeof whole; length++) {
        g_autoptr(GVirSandboxConfig) config = NULL;
        GError *error = NULL;

        config = gvir_sandbox_config_load_from_bytes(whole, length, &error);
        if (!config)
            assert_one_clear_error(error, GVIR_SANDBOX_ERROR_INVALID);
        g_assert_true(config || error);
    }
}

static gulong
peak_kilobytes(void)
{
    struct rusage usage;

    g_assert_cmpint(getrusage(RUSAGE_SELF, &usage), ==, 0);
    return (gulong)usage.ru_maxrss;
}

static glong
processor_seconds(void)
{
    struct rusage usage;

    g_assert_cmpint(getrusage(RUSAGE_SELF, &usage), ==, 0);
    return usage.ru_utime.tv_sec;
}

static void
test_long_line(void)
{
    const gsize length = 10 * 1024 * 1024;
    GString *text = g_string_new(SAVED_START "root=/");
    gulong before = peak_kilobytes();

    while (text->len < length)
        g_string_append(text, "xxxxxxxxxxxxxxxx");
    saved_text_refuse(text->str, "line 5 in [core]: longer than 1048576 bytes");
    g_string_free(text, TRUE);
    /* The text itself, which a string may have room for twice. */
    g_assert_cmpuint(peak_kilobytes() - before, <, 64 * 1024);
}

static void
test_long_path(void)
{
    g_autofree gchar *name = g_strnfill(5000, 'x');
    g_autofree gchar *text = g_strdup_printf("%sroot=/%s\n%s", SAVED_START, name, SAVED_COMMAND);
    GError *error = NULL;

    g_assert_null(gvir_sandbox_config_load_from_data(text, &error));
    g_assert_nonnull(strstr(error->message, "[core]: root: \"/xxx"));
    g_assert_nonnull(strstr(error->message, "…\" is longer than a path can be"));
    g_assert_cmpuint(strlen(error->message), <, 250);
    assert_one_clear_error(error, GVIR_SANDBOX_ERROR_INVALID);
}

/* As many groups as a few megabytes can have, the last of which is wrong: looked up, not searched for. */
static void
test_many(void)
{
    const guint count = runs_under_valgrind() ? 1000 : 20000;
    GString *text = g_string_new(SAVED_START SAVED_COMMAND "[network.0]\nfilter=f\n");
    glong before;

    for (guint i = 0; i < count; i++) {
        g_string_append_printf(text, "[mount.%u]\ntype=GVirSandboxConfigMountRam\nusage=1\ntarget=/%u\n", i, i);
        g_string_append_printf(text, "[disk.%u]\ntype=file\nsource=/x\ntag=%u\n", i, i);
        g_string_append_printf(text, "[network.0.filter.%u]\nname=P%u\nvalue=x\n", i, i);
        g_string_append_printf(text, "[env.%u]\nkey=%u\nvalue=x\n", i, i);
    }
    g_string_append(text, "[core.x]\n");
    before = processor_seconds();
    saved_text_refuse(text->str, "[core.x]: unknown group");
    g_assert_cmpint(processor_seconds() - before, <, 20);
    g_string_free(text, TRUE);
}

static void
test_files(void)
{
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autofree gchar *missing = g_build_filename(directory->path, "a\nb", NULL);
    g_autofree gchar *wrong = g_build_filename(directory->path, "wrong\n", NULL);
    g_autofree gchar *closed = g_build_filename(directory->path, "none", "x", NULL);
    g_autofree gchar *message = NULL;
    g_autoptr(GVirSandboxConfigInteractive) config = gvir_sandbox_config_interactive_new("n");
    GError *error = NULL;

    test_directory_write(directory, "wrong\n", "[api", -1);
    g_assert_null(gvir_sandbox_config_load_from_path(missing, &error));
    assert_one_clear_error(g_steal_pointer(&error), GVIR_SANDBOX_ERROR_NOT_FOUND);
    g_assert_null(gvir_sandbox_config_load_from_path(directory->path, &error));
    assert_one_clear_error(g_steal_pointer(&error), GVIR_SANDBOX_ERROR_FAILED);
    g_assert_null(gvir_sandbox_config_load_from_path("/dev/zero", &error));
    assert_one_clear_error(g_steal_pointer(&error), GVIR_SANDBOX_ERROR_INVALID);
    g_assert_null(gvir_sandbox_config_load_from_path(wrong, &error));
    message = g_strdup_printf("%s/wrong\\n: line 1: \"[api\" is not a group: expected [NAME]", directory->path);
    assert_invalid(g_steal_pointer(&error), message);
    g_assert_false(gvir_sandbox_config_save_to_path(GVIR_SANDBOX_CONFIG(config), closed, &error));
    assert_one_clear_error(g_steal_pointer(&error), GVIR_SANDBOX_ERROR_NOT_FOUND);
    g_assert_false(gvir_sandbox_config_save_to_path(GVIR_SANDBOX_CONFIG(config), directory->path, &error));
    assert_one_clear_error(g_steal_pointer(&error), GVIR_SANDBOX_ERROR_FAILED);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/saved-mistakes/class", test_class);
    g_test_add_func("/saved-mistakes/lines", test_lines);
    g_test_add_func("/saved-mistakes/unknown", test_unknown);
    g_test_add_func("/saved-mistakes/gaps", test_gaps);
    g_test_add_func("/saved-mistakes/counts", test_counts);
    g_test_add_func("/saved-mistakes/numbers", test_numbers);
    g_test_add_func("/saved-mistakes/paths-and-names", test_paths_and_names);
    g_test_add_func("/saved-mistakes/twice", test_twice);
    g_test_add_func("/saved-mistakes/escapes", test_escapes);
    g_test_add_func("/saved-mistakes/nul", test_nul);
    g_test_add_func("/saved-mistakes/truncated", test_truncated);
    g_test_add_func("/saved-mistakes/long-line", test_long_line);
    g_test_add_func("/saved-mistakes/long-path", test_long_path);
    g_test_add_func("/saved-mistakes/many", test_many);
    g_test_add_func("/saved-mistakes/files", test_files);
    return g_test_run();
}
