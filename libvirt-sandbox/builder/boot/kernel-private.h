/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Which kernel is wanted. All but @needed may be NULL or zero, and so may @needed. */
typedef struct {
    const gchar *release;       /* "kernrelease" of the configuration, or NULL */
    const gchar *path;          /* "kernpath" of the configuration, or NULL */
    const gchar *modules;       /* "kmodpath" of the configuration: the base directory, to which the
                                   release is added, or the directory of the release; or NULL */
    const gchar *arch;          /* as uname says it; NULL: the host's */
    const gchar *const *needed; /* modules without which the sandbox cannot work; built in will do */
    const gchar *search_root;   /* where /boot and /lib/modules are looked for; NULL: "/" */
    const gchar *running;       /* the running kernel's release; NULL: what uname says */
} GVirSandboxKernelRequest;

typedef struct {
    gchar *path;    /* the kernel's file; NULL if only its modules were asked for */
    gchar *release; /* "6.1.0-56-amd64" */
    gchar *modules; /* the directory that holds its modules.dep; NULL if none and none is needed */
} GVirSandboxKernel;

/* The kernel to boot: the one that was named, else the running one if it can boot here, else the
 * newest installed one that has all that is needed. NOT_FOUND, DENIED, INVALID, UNSUPPORTED. */
GVirSandboxKernel *gvir_sandbox_kernel_choose(const GVirSandboxKernelRequest *request, GError **error);

/* The directory with the modules.dep of @release, from @base in any of the forms that
 * "kmodpath" may have; NULL @base: below /lib/modules. NOT_FOUND. */
gchar *gvir_sandbox_kernel_find_modules(const gchar *base, const gchar *release, const gchar *search_root,
                                        GError **error);

/* Orders releases from old to new: numbers as numbers, release candidates before the release. */
gint gvir_sandbox_kernel_compare_releases(const gchar *a, const gchar *b);

void gvir_sandbox_kernel_free(GVirSandboxKernel *kernel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxKernel, gvir_sandbox_kernel_free)

G_END_DECLS
