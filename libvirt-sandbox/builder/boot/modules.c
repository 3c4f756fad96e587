/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/modules-private.h"

#include "libvirt-sandbox/util/decompress-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <elf.h>
#include <errno.h>
#include <libkmod.h>
#include <string.h>

/* The largest module of a distribution (a GPU driver) unpacks to some 10 MB. */
#define MODULE_SIZE_MAX ((gsize)256 * 1024 * 1024)

typedef struct kmod_ctx KmodContext;
typedef struct kmod_module KmodModule;
typedef struct kmod_list KmodList;

static void
free_modules(KmodList *list)
{
    kmod_module_unref_list(list);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(KmodContext, kmod_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KmodModule, kmod_module_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KmodList, free_modules)

/* One walk over the dependencies. */
typedef struct {
    GHashTable *seen; /* names */
    GPtrArray *order; /* of GVirSandboxModule */
} Walk;

static void
free_module(gpointer data)
{
    GVirSandboxModule *module = data;

    g_free(module->name);
    g_free(module->path);
    g_free(module);
}

/* libkmod reports on stderr what is said here in the error. */
static void
log_nothing(void *data G_GNUC_UNUSED, int priority G_GNUC_UNUSED, const char *file G_GNUC_UNUSED,
            int line G_GNUC_UNUSED, const char *function G_GNUC_UNUSED, const char *format G_GNUC_UNUSED,
            va_list args G_GNUC_UNUSED)
{
}

/* The only configuration is the soft dependencies that came with the kernel: what the host's
 * administrator set in modprobe.d is meant for the host. */
static KmodContext *
open_context(const gchar *directory, GError **error)
{
    g_autofree gchar *soft = g_build_filename(directory, "modules.softdep", NULL);
    const gchar *const configuration[] = { soft, NULL };
    KmodContext *context = kmod_new(directory, configuration);

    if (!context) {
        gvir_sandbox_error_set_errno(error, errno, _("kernel modules in %s"), directory);
        return NULL;
    }
    kmod_set_log_fn(context, log_nothing, NULL);
    return context;
}

/* All modules that go by @name: one, or for an alias perhaps several. */
static KmodList *
look_up(KmodContext *context, const gchar *name)
{
    KmodList *list = NULL;

    return kmod_module_new_from_lookup(context, name, &list) < 0 ? NULL : list;
}

static gboolean
set_missing(const gchar *directory, const gchar *release, const gchar *name, GError **error)
{
    g_autofree gchar *index = g_build_filename(directory, "modules.dep.bin", NULL);

    if (!g_file_test(index, G_FILE_TEST_EXISTS))
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND, _("kernel %s: %s is missing; run depmod"),
                    release, index);
    else
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND,
                    _("kernel %s has no module %s (looked in %s)"), release, name, directory);
    return FALSE;
}

gboolean
gvir_sandbox_modules_check(const gchar *directory, const gchar *release, const gchar *const *names, GError **error)
{
    g_autoptr(KmodContext) context = open_context(directory, error);

    if (!context)
        return FALSE;
    for (gsize i = 0; names[i]; i++) {
        g_autoptr(KmodList) found = look_up(context, names[i]);

        if (!found)
            return set_missing(directory, release, names[i], error);
    }
    return TRUE;
}

static void visit(Walk *walk, KmodModule *module);

static void
visit_list(Walk *walk, KmodList *list)
{
    KmodList *item;

    kmod_list_foreach(item, list)
    {
        g_autoptr(KmodModule) module = kmod_module_get_module(item);

        visit(walk, module);
    }
}

/* Puts @module behind all that it needs. What has no file is built in. */
static void
visit(Walk *walk, KmodModule *module)
{
    g_autoptr(KmodList) dependencies = NULL;
    g_autoptr(KmodList) before = NULL;
    g_autoptr(KmodList) after = NULL;
    const gchar *path = kmod_module_get_path(module);
    GVirSandboxModule *entry;

    if (!path || !g_hash_table_add(walk->seen, g_strdup(kmod_module_get_name(module))))
        return;

    kmod_module_get_softdeps(module, &before, &after);
    dependencies = kmod_module_get_dependencies(module);
    visit_list(walk, before);
    visit_list(walk, dependencies);

    entry = g_new0(GVirSandboxModule, 1);
    entry->name = g_strdup(kmod_module_get_name(module));
    entry->path = g_strdup(path);
    g_ptr_array_add(walk->order, entry);

    visit_list(walk, after);
}

static gboolean
visit_names(Walk *walk, KmodContext *context, const gchar *const *names, const gchar **missing)
{
    for (gsize i = 0; names && names[i]; i++) {
        g_autoptr(KmodList) found = look_up(context, names[i]);

        if (!found && missing) {
            *missing = names[i];
            return FALSE;
        }
        visit_list(walk, found);
    }
    return TRUE;
}

GPtrArray *
gvir_sandbox_modules_resolve(const gchar *directory, const gchar *release, const gchar *const *needed,
                             const gchar *const *optional, GError **error)
{
    g_autoptr(KmodContext) context = open_context(directory, error);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) order = g_ptr_array_new_with_free_func(free_module);
    Walk walk = { seen, order };
    const gchar *missing = NULL;

    if (!context)
        return NULL;
    kmod_load_resources(context);
    if (!visit_names(&walk, context, needed, &missing)) {
        set_missing(directory, release, missing, error);
        return NULL;
    }
    visit_names(&walk, context, optional, NULL);
    return g_steal_pointer(&order);
}

GBytes *
gvir_sandbox_module_read(const GVirSandboxModule *module, GError **error)
{
    g_autoptr(GError) local = NULL;
    g_autoptr(GBytes) elf = NULL;
    g_autofree gchar *content = NULL;
    gsize length;

    if (!g_file_get_contents(module->path, &content, &length, &local)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND, _("module %s: %s"), module->name,
                    local->message);
        return NULL;
    }
    if (length >= SELFMAG && memcmp(content, ELFMAG, SELFMAG) == 0)
        return g_bytes_new_take(g_steal_pointer(&content), length);

    elf = gvir_sandbox_decompress((const guint8 *)content, length, MODULE_SIZE_MAX, error);
    if (!elf) {
        gvir_sandbox_error_prefix(error, _("module %s"), module->path);
        return NULL;
    }
    if (g_bytes_get_size(elf) < SELFMAG || memcmp(g_bytes_get_data(elf, NULL), ELFMAG, SELFMAG)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, _("module %s: not a kernel module"),
                    module->path);
        return NULL;
    }
    return g_steal_pointer(&elf);
}
