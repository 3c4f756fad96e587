/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/builder.h"
#include "libvirt-sandbox/libvirt/driver-private.h"

/* The names of the consoles, as libvirt's virDomainOpenConsole() takes them, or NULL without one. */
#define GVIR_SANDBOX_CONSOLE_LOG_MACHINE "serial0"
#define GVIR_SANDBOX_CONSOLE_SHELL_MACHINE "console1"
#define GVIR_SANDBOX_CONSOLE_LOG_CONTAINER "console0"
#define GVIR_SANDBOX_CONSOLE_SHELL_CONTAINER "console1"

/* The socket of a console or channel @name of a machine whose driver is embedded in this process. */
gchar *gvir_sandbox_builder_machine_socket(const gchar *statedir, const gchar *name);

/* The URI of an open connection, parsed. */
GVirSandboxDriver *gvir_sandbox_builder_get_driver(GVirConnection *connection, GError **error);

/* Whether a builder is registered for the driver; UNSUPPORTED if not. */
gboolean gvir_sandbox_builder_check_driver(const GVirSandboxDriver *driver, const gchar *uri, GError **error);

/* Where builders find what no description names. What is NULL is found where it usually is. */
typedef struct {
    const gchar *helpers;  /* the directory of our helper programs */
    const gchar *data;     /* the directory of our files of data */
    const gchar *cache;    /* the directory of the boot cache */
    const gchar *firmware; /* the file of the firmware that starts a kernel directly */
} GVirSandboxBuilderPlaces;

/* Changes them for this process: a test is to depend on nothing of its host. @places must stay; NULL: the usual. */
void gvir_sandbox_builder_set_places(const GVirSandboxBuilderPlaces *places);
const GVirSandboxBuilderPlaces *gvir_sandbox_builder_get_places(void);

/* Where a helper program of ours is: installed, or in the tree that this library was built in. */
gchar *gvir_sandbox_builder_find_helper(const gchar *name, GError **error);
/* The same for a file of data, which need not be there. */
gchar *gvir_sandbox_builder_find_data(const gchar *name);

/* #GVirSandboxBuilder:lasting. */
gboolean gvir_sandbox_builder_is_lasting(GVirSandboxBuilder *builder);

/* Emits #GVirSandboxBuilder::progress. */
void gvir_sandbox_builder_say_progress(GVirSandboxBuilder *builder, const gchar *text);
