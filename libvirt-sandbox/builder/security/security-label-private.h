/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/config.h"
#include <libvirt-gobject/libvirt-gobject.h>

/* The label that SELinux or AppArmor on the host puts on a sandbox. With AppArmor, a container has none that
 * it was not given, and the name of one that is given is that of libvirt. */

#define GVIR_SANDBOX_LABELS_SELINUX "selinux"
#define GVIR_SANDBOX_LABELS_APPARMOR "apparmor"

/* So that the connection's host is not asked for its labels. */
void gvir_sandbox_security_label_set_model(GVirConnection *connection, const gchar *model);

/* Whether the label that @config asks for can be had with the connection: INVALID, UNSUPPORTED. */
gboolean gvir_sandbox_security_label_check(GVirConnection *connection, GVirSandboxConfig *config, gboolean container,
                                           GError **error);

/* The <seclabel> of the domain, where the connection's host has labels. CONNECTION. */
gboolean gvir_sandbox_security_label_append(GString *xml, GVirConnection *connection, GVirSandboxConfig *config,
                                            gboolean container, GError **error);

/* Whether libvirt makes an AppArmor profile of a machine's description, and whether a file or directory of it
 * can be at this path. */
gboolean gvir_sandbox_security_label_makes_profile(GVirConnection *connection, GVirSandboxConfig *config);
gboolean gvir_sandbox_security_label_profile_takes(const gchar *path);

/* Whether a label keeps a machine's QEMU from what is another process's, though of the same user. */
gboolean gvir_sandbox_security_label_confines(GVirConnection *connection, GVirSandboxConfig *config);

/* Says which labels the host has. */
void gvir_sandbox_security_label_add_finding(GList **findings, GVirConnection *connection, gboolean container);

/* The steps of these, with the host's capabilities as libvirt describes them, and the name that libvirt has
 * for its labels; NULL: it has none. */
const gchar *gvir_sandbox_security_label_find_model(GVirConfigCapabilities *capabilities);
gboolean gvir_sandbox_security_label_check_model(const gchar *model, const gchar *uri, GVirSandboxConfig *config,
                                                 gboolean container, GError **error);
void gvir_sandbox_security_label_append_model(GString *xml, const gchar *model, GVirSandboxConfig *config,
                                              gboolean container);
