/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
    gchar *name; /* with underscores: "virtio_pci" */
    gchar *path; /* the file on the host, possibly compressed */
} GVirSandboxModule;

/* Whether each of @names (a module, with - or _, or an alias) is a module or built in, in
 * @directory, which holds modules.dep. NOT_FOUND names the first that is not. */
gboolean gvir_sandbox_modules_check(const gchar *directory, const gchar *release, const gchar *const *names,
                                    GError **error);

/* The modules to load for @needed and @optional (either may be NULL), each after all that it depends
 * on; what is built in is left out, and so is what is @optional and not there. NOT_FOUND names the
 * first of @needed that is not there. */
GPtrArray *gvir_sandbox_modules_resolve(const gchar *directory, const gchar *release, const gchar *const *needed,
                                        const gchar *const *optional, GError **error);

/* The ELF file of @module, unpacked. */
GBytes *gvir_sandbox_module_read(const GVirSandboxModule *module, GError **error);

G_END_DECLS
