/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-gobject/libvirt-gobject.h>
#include <libvirt-sandbox/builder/finding.h>
#include <libvirt-sandbox/config/config.h>
#include <libvirt-sandbox/config/network/network-filterref.h>

G_BEGIN_DECLS

/**
 * GVirSandboxTransport:
 * @GVIR_SANDBOX_TRANSPORT_NONE: the domain has no channel to its init
 * @GVIR_SANDBOX_TRANSPORT_CHANNEL: a virtio-serial channel of the domain
 * @GVIR_SANDBOX_TRANSPORT_DESCRIPTOR: a socket given to the domain's init as descriptor 3
 *
 * How the host reaches the init of a sandbox.
 *
 * Since: 0.9.0
 */
typedef enum {
    GVIR_SANDBOX_TRANSPORT_NONE,
    GVIR_SANDBOX_TRANSPORT_CHANNEL,
    GVIR_SANDBOX_TRANSPORT_DESCRIPTOR,
} GVirSandboxTransport;

#define GVIR_SANDBOX_TYPE_BUILDER (gvir_sandbox_builder_get_type())
G_DECLARE_DERIVABLE_TYPE(GVirSandboxBuilder, gvir_sandbox_builder, GVIR_SANDBOX, BUILDER, GObject)

/**
 * GVirSandboxBuilderClass:
 * @parent_class: the parent class
 * @construct: makes the domain description, and in the state directory the files that it names
 * @clean_post_start: removes files that a started domain needs no more
 * @clean_post_stop: removes all that @construct made
 * @check: says what can be known wrong before anything is made
 * @transport: how the init of such a domain is reached
 * @validate: says what the host has of what such a domain needs, as gvir_sandbox_builder_validate()
 *
 * What a builder for another driver implements; only @construct is needed.
 */
struct _GVirSandboxBuilderClass {
    GObjectClass parent_class;

    GVirConfigDomain *(*construct)(GVirSandboxBuilder *builder, GVirSandboxConfig *config, const gchar *statedir,
                                   GError **error);
    gboolean (*clean_post_start)(GVirSandboxBuilder *builder, GVirSandboxConfig *config, const gchar *statedir,
                                 GError **error);
    gboolean (*clean_post_stop)(GVirSandboxBuilder *builder, GVirSandboxConfig *config, const gchar *statedir,
                                GError **error);
    gboolean (*check)(GVirSandboxBuilder *builder, GVirSandboxConfig *config, GError **error);
    GVirSandboxTransport (*transport)(GVirSandboxBuilder *builder);
    GList *(*validate)(GVirSandboxBuilder *builder, GVirSandboxConfig *config);

    gpointer padding[7];
};

GVirSandboxBuilder *gvir_sandbox_builder_for_connection(GVirConnection *connection, GError **error);
gboolean gvir_sandbox_builder_register(const gchar *driver, GType type, GError **error);

GVirConnection *gvir_sandbox_builder_get_connection(GVirSandboxBuilder *builder);
GVirConfigDomain *gvir_sandbox_builder_construct(GVirSandboxBuilder *builder, GVirSandboxConfig *config,
                                                 const gchar *statedir, GError **error);
gboolean gvir_sandbox_builder_clean_post_start(GVirSandboxBuilder *builder, GVirSandboxConfig *config,
                                               const gchar *statedir, GError **error);
gboolean gvir_sandbox_builder_clean_post_stop(GVirSandboxBuilder *builder, GVirSandboxConfig *config,
                                              const gchar *statedir, GError **error);
gboolean gvir_sandbox_builder_check(GVirSandboxBuilder *builder, GVirSandboxConfig *config, GError **error);
GList *gvir_sandbox_builder_validate(GVirSandboxBuilder *builder, GVirSandboxConfig *config);
GVirSandboxTransport gvir_sandbox_builder_get_transport(GVirSandboxBuilder *builder);
void gvir_sandbox_builder_set_filterref(GVirSandboxBuilder *builder, GVirConfigDomainInterface *iface,
                                        GVirSandboxConfigNetworkFilterref *filterref);

G_END_DECLS
