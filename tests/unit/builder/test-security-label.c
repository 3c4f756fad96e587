/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/security-private.h"
#include "libvirt-sandbox/libvirt-sandbox.h"

#include "libvirt-sandbox/builder/security/security-label-private.h"
#include "libvirt-sandbox/config/format/option-text-private.h"

/* Labels, for hosts that the machine which runs this need not be. */

static const gchar *
find_model(const gchar *secmodels)
{
    g_autofree gchar *xml =
        g_strdup_printf("<capabilities><host><cpu><arch>x86_64</arch></cpu>%s</host></capabilities>", secmodels);
    GError *error = NULL;
    GVirConfigCapabilities *capabilities = gvir_config_capabilities_new_from_xml(xml, &error);
    const gchar *model;

    g_assert_no_error(error);
    model = gvir_sandbox_security_label_find_model(capabilities);
    g_object_unref(capabilities);
    return model;
}

static void
test_model(void)
{
    g_assert_null(find_model(""));
    g_assert_null(find_model("<secmodel><model>none</model><doi>0</doi></secmodel>"
                             "<secmodel><model>dac</model><doi>0</doi>"
                             "<baselabel type='kvm'>+64055:+64055</baselabel></secmodel>"));
    g_assert_cmpstr(find_model("<secmodel><model>apparmor</model><doi>0</doi></secmodel>"
                               "<secmodel><model>dac</model><doi>0</doi></secmodel>"),
                    ==, "apparmor");
    g_assert_cmpstr(find_model("<secmodel><model>dac</model><doi>0</doi></secmodel>"
                               "<secmodel><model>selinux</model><doi>0</doi>"
                               "<baselabel type='kvm'>system_u:system_r:svirt_t:s0</baselabel></secmodel>"),
                    ==, "selinux");
}

static GVirSandboxConfig *
make_config(gboolean dynamic, const gchar *label)
{
    GVirSandboxConfig *config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));

    gvir_sandbox_config_set_security_dynamic(config, dynamic);
    gvir_sandbox_config_set_security_label(config, label);
    return config;
}

#define UUID "b3b4a5c6-1111-4222-8333-0123456789ab"

static void
test_xml(void)
{
    static const struct {
        const gchar *model;
        gboolean dynamic;
        const gchar *label, *xml;
        gboolean container;
    } cases[] = {
        { NULL, TRUE, NULL, "", FALSE },
        { "selinux", TRUE, NULL, "<seclabel type='dynamic' model='selinux' relabel='yes'/>", FALSE },
        { "apparmor", TRUE, NULL, "<seclabel type='dynamic' model='apparmor' relabel='yes'/>", FALSE },
        { "selinux", TRUE, "system_u:system_r:a_t:s0",
          "<seclabel type='dynamic' model='selinux' relabel='yes'>"
          "<baselabel>system_u:system_r:a_t:s0</baselabel></seclabel>",
          FALSE },
        { "selinux", FALSE, "system_u:system_r:a_t:s0:c1,c2",
          "<seclabel type='static' model='selinux' relabel='no'>"
          "<label>system_u:system_r:a_t:s0:c1,c2</label></seclabel>",
          FALSE },
        { "selinux", FALSE, "my <label>",
          "<seclabel type='static' model='selinux' relabel='no'>"
          "<label>my &lt;label&gt;</label></seclabel>",
          FALSE },
        { "apparmor", FALSE, "libvirt-" UUID,
          "<seclabel type='static' model='apparmor' relabel='no'>"
          "<label>libvirt-" UUID "</label></seclabel>",
          FALSE },
        { "apparmor", FALSE, "unconfined", "<seclabel type='none' model='apparmor'/>", FALSE },
        { "selinux", FALSE, "unconfined",
          "<seclabel type='static' model='selinux' relabel='no'><label>unconfined</label></seclabel>", FALSE },
        { NULL, TRUE, NULL, "", TRUE },
        { "selinux", TRUE, NULL, "<seclabel type='dynamic' model='selinux' relabel='yes'/>", TRUE },
        { "apparmor", TRUE, NULL, "<seclabel type='none' model='apparmor'/>", TRUE },
        { "apparmor", FALSE, "unconfined", "<seclabel type='none' model='apparmor'/>", TRUE },
        { "apparmor", FALSE, "libvirt-" UUID,
          "<seclabel type='static' model='apparmor' relabel='no'><label>libvirt-" UUID "</label></seclabel>", TRUE },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GVirSandboxConfig) config = make_config(cases[i].dynamic, cases[i].label);
        g_autoptr(GString) xml = g_string_new(NULL);
        GError *error = NULL;

        gvir_sandbox_config_set_uuid(config, UUID);
        g_assert_true(
            gvir_sandbox_security_label_check_model(cases[i].model, "lxc:///", config, cases[i].container, &error));
        g_assert_no_error(error);
        gvir_sandbox_security_label_append_model(xml, cases[i].model, config, cases[i].container);
        g_assert_cmpstr(xml->str, ==, cases[i].xml);
    }
}

static void
test_refusals(void)
{
    static const struct {
        const gchar *model;
        gboolean dynamic;
        const gchar *label;
        gint code;
        const gchar *message;
        gboolean container;
    } cases[] = {
        { NULL, FALSE, "a\n", GVIR_SANDBOX_ERROR_UNSUPPORTED,
          "security label a\\n: connection lxc:/// has neither SELinux nor AppArmor; leave it out", FALSE },
        { NULL, TRUE, "a", GVIR_SANDBOX_ERROR_UNSUPPORTED,
          "security label a: connection lxc:/// has neither SELinux nor AppArmor; leave it out", FALSE },
        { "apparmor", TRUE, "a", GVIR_SANDBOX_ERROR_UNSUPPORTED,
          "security label a: AppArmor makes no label from another; use static,label=PROFILE or dynamic", FALSE },
        { "selinux", FALSE, NULL, GVIR_SANDBOX_ERROR_INVALID,
          "security label: it is static, but there is none; use static,label=LABEL or dynamic", FALSE },
        { NULL, FALSE, "", GVIR_SANDBOX_ERROR_INVALID,
          "security label: it is static, but there is none; use static,label=LABEL or dynamic", FALSE },
        { "apparmor", FALSE, "my\t", GVIR_SANDBOX_ERROR_UNSUPPORTED,
          "security label my\\t: AppArmor has none for a sandbox but libvirt-UUID, with the uuid of its "
          "description, and unconfined",
          TRUE },
        { "apparmor", FALSE, "libvirt-" UUID, GVIR_SANDBOX_ERROR_UNSUPPORTED,
          "security label libvirt-" UUID ": AppArmor has none for a sandbox but libvirt-UUID, with the "
          "uuid of its description, and unconfined",
          FALSE },
        { "selinux", FALSE, NULL, GVIR_SANDBOX_ERROR_INVALID,
          "security label: it is static, but there is none; use static,label=LABEL or dynamic", TRUE },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GVirSandboxConfig) config = make_config(cases[i].dynamic, cases[i].label);
        g_autoptr(GError) error = NULL;

        g_assert_false(
            gvir_sandbox_security_label_check_model(cases[i].model, "lxc:///", config, cases[i].container, &error));
        g_assert_error(error, GVIR_SANDBOX_ERROR, cases[i].code);
        g_assert_cmpstr(error->message, ==, cases[i].message);
    }
}

/* A label that is made is what every sandbox has, so only a container that was to have one is refused. */
static void
test_asked(void)
{
    static const struct {
        const gchar *model;
        gboolean container, fine;
    } cases[] = {
        { NULL, TRUE, TRUE },
        { "selinux", TRUE, TRUE },
        { "apparmor", FALSE, TRUE },
        { "apparmor", TRUE, FALSE },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GVirSandboxConfig) config = make_config(TRUE, NULL);
        g_autoptr(GError) error = NULL;

        g_assert_true(
            gvir_sandbox_security_label_check_model(cases[i].model, "lxc:///", config, cases[i].container, &error));
        g_assert_no_error(error);
        g_assert_true(gvir_sandbox_config_set_security_opts(config, "dynamic", &error));
        g_assert_cmpint(
            gvir_sandbox_security_label_check_model(cases[i].model, "lxc:///", config, cases[i].container, &error), ==,
            cases[i].fine);
        if (!cases[i].fine)
            g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED);
    }
}

static void
test_profile_takes(void)
{
    static const struct {
        const gchar *path;
        gboolean taken;
    } cases[] = {
        { "/", TRUE },
        { "/etc", TRUE },
        { "/etc/ssl", FALSE },
        { "/usr", TRUE },
        { "/srv/etc/x", TRUE },
        { "/usr/libexec/x", FALSE },
        { "/var/tmp/x", TRUE },
        { "/srv/\"x", FALSE },
        { "/proc/self/root/etc/passwd", FALSE },
        { "/tmp/../etc/passwd", FALSE },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(gvir_sandbox_security_label_profile_takes(cases[i].path), ==, cases[i].taken);
}

/* As the kernel's two modules write what a process has. */
static void
test_own_label(void)
{
    static const struct {
        const gchar *text, *label;
    } cases[] = {
        { "user_u:user_r:user_t:s0-s0:c0.c1023", "user_u:user_r:user_t:s0-s0:c0.c1023" },
        { "unconfined\n", "unconfined" },
        { "/usr/bin/man (enforce)\n", "/usr/bin/man" },
        { "a profile (complain)\n", "a profile" },
        { "odd (name\n", "odd (name" },
        { "\n", "" },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree gchar *text = g_strdup(cases[i].text);

        gvir_sandbox_security_text_trim(text);
        g_assert_cmpstr(text, ==, cases[i].label);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gvir_sandbox_init(&argc, &argv);
    g_test_add_func("/security-label/model", test_model);
    g_test_add_func("/security-label/xml", test_xml);
    g_test_add_func("/security-label/refusals", test_refusals);
    g_test_add_func("/security-label/asked", test_asked);
    g_test_add_func("/security-label/profile-takes", test_profile_takes);
    g_test_add_func("/security-label/own-label", test_own_label);
    return g_test_run();
}
