/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/mounts/mount-type-private.h"

#include "libvirt-sandbox/config/format/option-text-private.h"
#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/config/mounts/mount-guest-bind.h"
#include "libvirt-sandbox/config/mounts/mount-host-bind.h"
#include "libvirt-sandbox/config/mounts/mount-host-image.h"
#include "libvirt-sandbox/config/mounts/mount-private.h"
#include "libvirt-sandbox/config/mounts/mount-ram.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

/* Which class a mount is of: from the type in an option text, and from the type in a saved description. */

static const struct {
    const gchar *option;
    GType (*get_type)(void);
} types[] = {
    { "host-bind", gvir_sandbox_config_mount_host_bind_get_type },
    { "host-image", gvir_sandbox_config_mount_host_image_get_type },
    { "guest-bind", gvir_sandbox_config_mount_guest_bind_get_type },
    { "ram", gvir_sandbox_config_mount_ram_get_type },
};

static GType
type_from_option(const gchar *option, GError **error)
{
    g_autofree gchar *shown = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        if (g_str_equal(types[i].option, option))
            return types[i].get_type();
    }
    shown = gvir_sandbox_text_show(option);
    gvir_sandbox_text_invalid(error, _("\"%s\" is not one of host-bind, host-image, guest-bind, ram"), shown);
    return G_TYPE_INVALID;
}

static GType
type_from_name(const gchar *name, const gchar *group, GError **error)
{
    g_autofree gchar *shown = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        if (g_str_equal(g_type_name(types[i].get_type()), name))
            return types[i].get_type();
    }
    shown = gvir_sandbox_text_show(name);
    gvir_sandbox_text_invalid(error, _("[%s] type: \"%s\" is not a type of mount"), group, shown);
    return G_TYPE_INVALID;
}

/* An image that is the root is read, by any number of sandboxes. */
static gboolean
can_be_written(GVirSandboxConfigMount *mount)
{
    g_autofree gchar *target = gvir_sandbox_value_canonical_path(gvir_sandbox_config_mount_get_target(mount));

    return !GVIR_SANDBOX_IS_CONFIG_MOUNT_HOST_IMAGE(mount) || !g_str_equal(target, "/");
}

/* Removes the options that every mount has, and leaves those of the class. */
static gboolean
take_common_options(GVirSandboxConfigMount *mount, gchar **options, GPtrArray *rest, GError **error)
{
    const gchar *mode = NULL;

    for (gsize i = 0; options[i]; i++) {
        if (!g_str_equal(options[i], "ro") && !g_str_equal(options[i], "rw")) {
            g_ptr_array_add(rest, options[i]);
            continue;
        }
        if (mode)
            return gvir_sandbox_text_invalid(error, _("ro or rw is there twice"));
        mode = options[i];
        if (g_str_equal(mode, "rw") && !can_be_written(mount)) {
            gvir_sandbox_text_invalid(error, _("rw: an image that is the root is only read; "
                                               "with an overlay, what is written is kept in memory"));
            gvir_sandbox_error_set_remedy(error, "overlay");
            return FALSE;
        }
        gvir_sandbox_config_mount_set_read_only(mount, g_str_equal(mode, "ro"));
    }
    g_ptr_array_add(rest, NULL);
    return TRUE;
}

GVirSandboxConfigMount *
gvir_sandbox_config_mount_parse(const gchar *text, GError **error)
{
    g_autoptr(GVirSandboxOption) option = gvir_sandbox_option_parse(text, "TYPE:TARGET=SOURCE[,OPTION...]", error);
    g_autoptr(GVirSandboxConfigMount) mount = NULL;
    g_autoptr(GPtrArray) rest = g_ptr_array_new();
    g_autofree gchar *target = NULL;
    GType type;

    if (!option)
        return NULL;
    type = type_from_option(option->type, error);
    if (type == G_TYPE_INVALID)
        return NULL;
    target = gvir_sandbox_value_absolute_path(option->target);
    mount = g_object_new(type, "target", target, NULL);
    if (!take_common_options(mount, option->options, rest, error) ||
        !gvir_sandbox_config_mount_class_get_hooks(GVIR_SANDBOX_CONFIG_MOUNT_GET_CLASS(mount))
             ->parse(mount, option->source, (gchar **)rest->pdata, error) ||
        !gvir_sandbox_config_mount_check(mount, error))
        return NULL;
    return g_steal_pointer(&mount);
}

GVirSandboxConfigMount *
gvir_sandbox_config_mount_load(GVirSandboxKeyfile *file, const gchar *group, GError **error)
{
    g_autoptr(GVirSandboxConfigMount) mount = NULL;
    g_autofree gchar *name = NULL;
    g_autofree gchar *target = NULL;
    GType type;

    if (!gvir_sandbox_keyfile_require(file, group, "type", error) ||
        !gvir_sandbox_keyfile_require(file, group, "target", error) ||
        !gvir_sandbox_keyfile_read_string(file, group, "type", &name, error) ||
        !gvir_sandbox_keyfile_read_string(file, group, "target", &target, error))
        return NULL;
    type = type_from_name(name, group, error);
    if (type == G_TYPE_INVALID)
        return NULL;
    mount = g_object_new(type, "target", target, NULL);
    if (!gvir_sandbox_config_mount_class_get_hooks(GVIR_SANDBOX_CONFIG_MOUNT_GET_CLASS(mount))
             ->load(mount, file, group, error))
        return NULL;
    if (!gvir_sandbox_config_mount_check(mount, error)) {
        gvir_sandbox_keyfile_prefix(error, group);
        return NULL;
    }
    return g_steal_pointer(&mount);
}
