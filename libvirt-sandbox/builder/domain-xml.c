/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/domain-xml-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/libvirt/xml-private.h"

#define KIB 1024

guint
gvir_sandbox_domain_xml_processors(GVirSandboxConfig *config)
{
    return MAX(gvir_sandbox_config_get_cpus(config), 1);
}

void
gvir_sandbox_domain_xml_append_resources(GString *xml, GVirSandboxConfig *config, guint64 memory)
{
    const gchar *uuid = gvir_sandbox_config_get_uuid(config);
    guint64 wanted = gvir_sandbox_config_get_memory(config);

    gvir_sandbox_xml_append(xml, "<name>%s</name>", gvir_sandbox_config_get_name(config));
    if (uuid)
        gvir_sandbox_xml_append(xml, "<uuid>%s</uuid>", uuid);
    gvir_sandbox_xml_append(xml, "<memory unit='KiB'>%" G_GUINT64_FORMAT "</memory>", (wanted ? wanted : memory) / KIB);
    gvir_sandbox_xml_append(xml, "<vcpu>%u</vcpu>", gvir_sandbox_domain_xml_processors(config));
}

void
gvir_sandbox_domain_xml_append_filesystem(GString *xml, const gchar *attributes, const gchar *source,
                                          const gchar *target, gboolean read_only)
{
    g_string_append_printf(xml, "<filesystem type='mount'%s%s>", *attributes ? " " : "", attributes);
    gvir_sandbox_xml_append(xml, "<source dir='%s'/><target dir='%s'/>", source, target);
    if (read_only)
        g_string_append(xml, "<readonly/>");
    g_string_append(xml, "</filesystem>");
}

GVirConfigDomain *
gvir_sandbox_domain_xml_parse(const GString *xml, GError **error)
{
    /* What can have any bytes was looked at before; this keeps libxml2 from saying it in its own way. */
    if (!g_utf8_validate_len(xml->str, xml->len, NULL)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                    _("libvirt takes no text that is not UTF-8, which a name, network or label of the sandbox has"));
        return NULL;
    }
    return gvir_config_domain_new_from_xml(xml->str, error);
}
