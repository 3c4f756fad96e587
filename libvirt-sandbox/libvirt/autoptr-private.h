/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-gobject/libvirt-gobject.h>

/* libvirt-glib does not say how its objects are let go of; should it once, then that holds. */
#ifndef HAVE_GVIRCONNECTION_AUTOPTR
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirConfigCapabilities, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirConfigCapabilitiesHost, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirConfigDomain, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirConfigDomainInterfaceFilterref, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirConfigDomainInterfaceFilterrefParameter, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirConnection, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirDomain, g_object_unref)
#endif
