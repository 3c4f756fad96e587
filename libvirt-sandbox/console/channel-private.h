/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-gobject/libvirt-gobject.h>

/* The path of the socket behind the virtio-serial channel @name in the description of a running domain. */
gchar *gvir_sandbox_channel_find_path(const gchar *domain_xml, const gchar *name, GError **error);

/* A socket connected to that channel, or -1. CONNECTION, NOT_FOUND. */
int gvir_sandbox_channel_connect(GVirDomain *domain, const gchar *name, GError **error);
