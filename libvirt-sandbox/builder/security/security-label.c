/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/security/security-label-private.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/builder/findings-private.h"
#include "libvirt-sandbox/config/config-private.h"
#include "libvirt-sandbox/util/text-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/libvirt/xml-private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* AppArmor's name for what has no profile, which is no profile that could be asked for. */
#define APPARMOR_UNCONFINED "unconfined"
#define OWN_PROFILE "libvirt-"
#define MODEL_KEY "gvir-sandbox-label-model"

/* What is below these libvirt puts in no machine's profile. */
static const gchar *const refused_sources[] = {
    "/bin/",
    "/etc/",
    "/lib",
    "/lost+found/",
    "/proc/",
    "/sbin/",
    "/sys/",
    "/usr/bin/",
    "/usr/lib",
    "/usr/sbin/",
    "/usr/share/",
    "/usr/local/bin/",
    "/usr/local/etc/",
    "/usr/local/lib",
    "/usr/local/sbin/",
    NULL,
};

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

/* @model is one of ours. */
void
gvir_sandbox_security_label_set_model(GVirConnection *connection, const gchar *model)
{
    g_object_set_data(G_OBJECT(connection), MODEL_KEY, (gpointer)model);
}

static gboolean
ask_for_model(GVirConnection *connection, const gchar **model, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(GVirConfigCapabilities) capabilities = NULL;

    *model = g_object_get_data(G_OBJECT(connection), MODEL_KEY);
    if (*model)
        return TRUE;
    capabilities = gvir_connection_get_capabilities(connection, &failure);
    if (!capabilities) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_CONNECTION, _("connection %s: %s"),
                    gvir_connection_get_uri(connection), failure->message);
        return FALSE;
    }
    *model = gvir_sandbox_security_label_find_model(capabilities);
    return TRUE;
}

static gboolean
is_apparmor(const gchar *model)
{
    return g_strcmp0(model, GVIR_SANDBOX_LABELS_APPARMOR) == 0;
}

/* The label of a container is its init's as well, and the profile that libvirt makes for one forbids to
 * change the root and to limit user namespaces, without which there is no sandbox. */
static gboolean
is_unusable(const gchar *model, GVirSandboxConfig *config, gboolean container)
{
    return container && is_apparmor(model) && gvir_sandbox_config_get_security_dynamic(config);
}

/* Whatever profile its description names, libvirt puts a sandbox under the one of this name. */
static gboolean
is_own_profile(const gchar *label, GVirSandboxConfig *config)
{
    const gchar *uuid = gvir_sandbox_config_get_uuid(config);

    return uuid && g_str_has_prefix(label, OWN_PROFILE) && g_ascii_strcasecmp(label + strlen(OWN_PROFILE), uuid) == 0;
}

static gboolean
check_profile(GVirSandboxConfig *config, const gchar *label, gboolean container, GError **error)
{
    g_autofree gchar *shown = label ? gvir_sandbox_text_show(label) : NULL;

    if (!gvir_sandbox_config_get_security_dynamic(config)) {
        if (g_str_equal(label, APPARMOR_UNCONFINED) || is_own_profile(label, config))
            return TRUE;
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("security label %s: AppArmor has none for a sandbox but libvirt-UUID, "
                      "with the uuid of its description, and unconfined"),
                    shown);
        return FALSE;
    }
    if (!container || !gvir_sandbox_config_get_security_required(config))
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                _("security label: AppArmor makes none that a sandbox in a container can start with; "
                  "use static,label=libvirt-UUID, with the uuid of its description"));
    return FALSE;
}

gboolean
gvir_sandbox_security_label_check_model(const gchar *model, const gchar *uri, GVirSandboxConfig *config,
                                        gboolean container, GError **error)
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
                    _("security label %s: connection %s has neither SELinux nor AppArmor; leave it out"), shown, uri);
        return FALSE;
    }
    if (label && dynamic && g_str_equal(model, GVIR_SANDBOX_LABELS_APPARMOR)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("security label %s: AppArmor makes no label from another; "
                      "use static,label=PROFILE or dynamic"),
                    shown);
        return FALSE;
    }
    return !is_apparmor(model) || check_profile(config, label, container, error);
}

/* What every sandbox has that asks for nothing. */
static gboolean
is_default(GVirSandboxConfig *config)
{
    return gvir_sandbox_config_get_security_dynamic(config) && !gvir_sandbox_config_get_security_required(config) &&
           !gvir_sandbox_config_get_security_label(config);
}

gboolean
gvir_sandbox_security_label_check(GVirConnection *connection, GVirSandboxConfig *config, gboolean container,
                                  GError **error)
{
    const gchar *model = NULL;

    if (is_default(config))
        return TRUE;
    return ask_for_model(connection, &model, error) &&
           gvir_sandbox_security_label_check_model(model, gvir_connection_get_uri(connection), config, container,
                                                   error);
}

/* A static label is somebody's choice for the program: the files stay as they are labelled. */
static void
append_static(GString *xml, const gchar *model, const gchar *label)
{
    if (g_str_equal(model, GVIR_SANDBOX_LABELS_APPARMOR) && g_str_equal(label, APPARMOR_UNCONFINED))
        gvir_sandbox_xml_append(xml, "<seclabel type='none' model='%s'/>", model);
    else
        gvir_sandbox_xml_append(xml, "<seclabel type='static' model='%s' relabel='no'><label>%s</label></seclabel>",
                                model, label);
}

void
gvir_sandbox_security_label_append_model(GString *xml, const gchar *model, GVirSandboxConfig *config,
                                         gboolean container)
{
    const gchar *label = gvir_sandbox_config_get_security_label(config);

    if (!model)
        return;
    if (is_unusable(model, config, container))
        append_static(xml, model, APPARMOR_UNCONFINED);
    else if (!gvir_sandbox_config_get_security_dynamic(config))
        append_static(xml, model, label);
    else if (label)
        gvir_sandbox_xml_append(
            xml, "<seclabel type='dynamic' model='%s' relabel='yes'><baselabel>%s</baselabel></seclabel>", model,
            label);
    else
        gvir_sandbox_xml_append(xml, "<seclabel type='dynamic' model='%s' relabel='yes'/>", model);
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
                                   gboolean container, GError **error)
{
    const gchar *model = NULL;

    if (is_default(config) && !kernel_has_labels() && !g_object_get_data(G_OBJECT(connection), MODEL_KEY))
        return TRUE;
    if (!ask_for_model(connection, &model, error))
        return FALSE;
    if (is_unusable(model, config, container))
        g_info(_("the container has no AppArmor profile, as none was given"));
    gvir_sandbox_security_label_append_model(xml, model, config, container);
    return TRUE;
}

gboolean
gvir_sandbox_security_label_makes_profile(GVirConnection *connection, GVirSandboxConfig *config)
{
    const gchar *model = NULL;

    return kernel_has_labels() && gvir_sandbox_config_get_security_dynamic(config) &&
           ask_for_model(connection, &model, NULL) && is_apparmor(model);
}

gboolean
gvir_sandbox_security_label_confines(GVirConnection *connection, GVirSandboxConfig *config)
{
    const gchar *model = NULL;

    if (!kernel_has_labels() || !ask_for_model(connection, &model, NULL) || !model)
        return FALSE;
    return gvir_sandbox_config_get_security_dynamic(config) || !is_apparmor(model) ||
           g_strcmp0(gvir_sandbox_config_get_security_label(config), APPARMOR_UNCONFINED) != 0;
}

gboolean
gvir_sandbox_security_label_profile_takes(const gchar *path)
{
    g_autofree gchar *resolved = realpath(path, NULL);

    for (gsize i = 0; refused_sources[i]; i++) {
        if (g_str_has_prefix(resolved ? resolved : path, refused_sources[i]))
            return FALSE;
    }
    return !strchr(path, '"');
}

static const gchar *
show_model(const gchar *model)
{
    return g_str_equal(model, GVIR_SANDBOX_LABELS_SELINUX) ? "SELinux" : "AppArmor";
}

void
gvir_sandbox_security_label_add_finding(GList **findings, GVirConnection *connection, gboolean container)
{
    const gchar *model = NULL;
    g_autoptr(GError) error = NULL;

    if (!ask_for_model(connection, &model, &error))
        gvir_sandbox_findings_add_error(findings, _("security labels"), error);
    else if (container && is_apparmor(model))
        gvir_sandbox_findings_warn(findings, _("security labels"),
                                   _("AppArmor, of which a container has nothing unless it is given its "
                                     "profile; see docs/labels.md"));
    else
        gvir_sandbox_findings_pass(findings, _("security labels"), "%s",
                                   model ? show_model(model) : _("none, as the host has neither SELinux nor AppArmor"));
}
