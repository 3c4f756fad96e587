/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/security-label-private.h"
#include "libvirt-sandbox/autoptr-private.h"
#include "libvirt-sandbox/builder/domain-xml-private.h"
#include "libvirt-sandbox/builder/findings-private.h"
#include "libvirt-sandbox/config/text-private.h"
#include "libvirt-sandbox/error-private.h"
#include "libvirt-sandbox/i18n-private.h"

#include <unistd.h>

/* AppArmor's name for what has no profile, which is no profile that could be asked for. */
#define APPARMOR_UNCONFINED "unconfined"

static const gchar *const models[] = { GVIR_SANDBOX_LABELS_SELINUX, GVIR_SANDBOX_LABELS_APPARMOR };

static const gchar *
known_model(const gchar *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(models); i++) {
        if (g_strcmp0(name, models[i]) == 0)
            return models[i];
    }
    return NULL;
}

const gchar *
gvir_sandbox_security_label_find_model(GVirConfigCapabilities *capabilities)
{
    g_autoptr(GVirConfigCapabilitiesHost) host = gvir_config_capabilities_get_host(capabilities);
    GList *list = host ? gvir_config_capabilities_host_get_secmodels(host) : NULL;
    const gchar *found = NULL;

    for (GList *link = list; link && !found; link = link->next)
        found = known_model(gvir_config_capabilities_host_secmodel_get_model(link->data));
    g_list_free_full(list, g_object_unref);
    return found;
}

static gboolean
ask_for_model(GVirConnection *connection, const gchar **model, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(GVirConfigCapabilities) capabilities = gvir_connection_get_capabilities(connection, &failure);

    if (!capabilities) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_CONNECTION, _("connection %s: %s"),
                    gvir_connection_get_uri(connection), failure->message);
        return FALSE;
    }
    *model = gvir_sandbox_security_label_find_model(capabilities);
    return TRUE;
}

gboolean
gvir_sandbox_security_label_check_model(const gchar *model, const gchar *uri, GVirSandboxConfig *config,
                                        GError **error)
{
    const gchar *label = gvir_sandbox_config_get_security_label(config);
    gboolean dynamic = gvir_sandbox_config_get_security_dynamic(config);
    g_autofree gchar *shown = label ? gvir_sandbox_text_show(label) : NULL;

    if (!dynamic && (!label || !*label)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                    _("security label: it is static, but there is none; use static,label=LABEL or dynamic"));
        return FALSE;
    }
    if (label && !model) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("security label %s: connection %s has neither SELinux nor AppArmor; leave it out"),
                    shown, uri);
        return FALSE;
    }
    if (label && dynamic && g_str_equal(model, GVIR_SANDBOX_LABELS_APPARMOR)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("security label %s: AppArmor makes no label from another; "
                      "use static,label=PROFILE or dynamic"),
                    shown);
        return FALSE;
    }
    return TRUE;
}

/* What every sandbox has that asks for nothing. */
static gboolean
is_default(GVirSandboxConfig *config)
{
    return gvir_sandbox_config_get_security_dynamic(config) && !gvir_sandbox_config_get_security_label(config);
}

gboolean
gvir_sandbox_security_label_check(GVirConnection *connection, GVirSandboxConfig *config, GError **error)
{
    const gchar *model = NULL;

    if (is_default(config))
        return TRUE;
    return ask_for_model(connection, &model, error) &&
           gvir_sandbox_security_label_check_model(model, gvir_connection_get_uri(connection), config, error);
}

/* A static label is somebody's choice for the program: the files stay as they are labelled. */
static void
append_static(GString *xml, const gchar *model, const gchar *label)
{
    if (g_str_equal(model, GVIR_SANDBOX_LABELS_APPARMOR) && g_str_equal(label, APPARMOR_UNCONFINED))
        gvir_sandbox_domain_xml_append(xml, "<seclabel type='none' model='%s'/>", model);
    else
        gvir_sandbox_domain_xml_append(
            xml, "<seclabel type='static' model='%s' relabel='no'><label>%s</label></seclabel>", model,
            label);
}

void
gvir_sandbox_security_label_append_model(GString *xml, const gchar *model, GVirSandboxConfig *config)
{
    const gchar *label = gvir_sandbox_config_get_security_label(config);

    if (!model)
        return;
    if (!gvir_sandbox_config_get_security_dynamic(config))
        append_static(xml, model, label);
    else if (label)
        gvir_sandbox_domain_xml_append(
            xml, "<seclabel type='dynamic' model='%s' relabel='yes'><baselabel>%s</baselabel></seclabel>",
            model, label);
    else
        gvir_sandbox_domain_xml_append(xml, "<seclabel type='dynamic' model='%s' relabel='yes'/>", model);
}

/* The embedded driver takes 50 ms for its first answer, which a start on a host that has no labels can do
 * without. */
static gboolean
kernel_has_labels(void)
{
    return access("/sys/fs/selinux", F_OK) == 0 || access("/sys/module/apparmor", F_OK) == 0;
}

gboolean
gvir_sandbox_security_label_append(GString *xml, GVirConnection *connection, GVirSandboxConfig *config,
                                   GError **error)
{
    const gchar *model = NULL;

    if (is_default(config) && !kernel_has_labels())
        return TRUE;
    if (!ask_for_model(connection, &model, error))
        return FALSE;
    gvir_sandbox_security_label_append_model(xml, model, config);
    return TRUE;
}

static const gchar *
show_model(const gchar *model)
{
    return g_str_equal(model, GVIR_SANDBOX_LABELS_SELINUX) ? "SELinux" : "AppArmor";
}

void
gvir_sandbox_security_label_add_finding(GList **findings, GVirConnection *connection)
{
    const gchar *model = NULL;
    g_autoptr(GError) error = NULL;

    if (!ask_for_model(connection, &model, &error))
        gvir_sandbox_findings_add_error(findings, _("security labels"), error);
    else
        gvir_sandbox_findings_pass(findings, _("security labels"), "%s",
                                   model ? show_model(model)
                                         : _("none, as the host has neither SELinux nor AppArmor"));
}
