/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/builder.h"
#include "libvirt-sandbox/libvirt/driver-private.h"

/* The names of the consoles, as libvirt's virDomainOpenConsole() takes them, or NULL without one. */
#define GVIR_SANDBOX_CONSOLE_LOG_MACHINE "serial0"
#define GVIR_SANDBOX_CONSOLE_SHELL_MACHINE "console1"
#define GVIR_SANDBOX_CONSOLE_LOG_CONTAINER "console0"
#define GVIR_SANDBOX_CONSOLE_SHELL_CONTAINER "console1"

/* Whether a builder is registered for the driver; UNSUPPORTED if not. */
gboolean gvir_sandbox_builder_check_driver(const GVirSandboxDriver *driver, const gchar *uri, GError **error);

/* #GVirSandboxBuilder:lasting. */
gboolean gvir_sandbox_builder_is_lasting(GVirSandboxBuilder *builder);

/* For who keeps the builder with the connection itself, once the domain is made. */
void gvir_sandbox_builder_forget_connection(GVirSandboxBuilder *builder);

/* Emits #GVirSandboxBuilder::progress. */
void gvir_sandbox_builder_say_progress(GVirSandboxBuilder *builder, const gchar *text);
