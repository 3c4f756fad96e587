/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/program/command-private.h"

#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

gchar **
gvir_sandbox_command_new_default(void)
{
    gchar *argv[] = { (gchar *)"/bin/sh", NULL };

    return g_strdupv(argv);
}

gchar **
gvir_sandbox_command_load(GVirSandboxKeyfile *file, GError **error)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_auto(GStrv) argv = NULL;

    if (!gvir_sandbox_keyfile_require(file, "command", "argv.0", error))
        return NULL;
    for (guint i = 0;; i++) {
        g_autofree gchar *key = g_strdup_printf("argv.%u", i);
        g_autofree gchar *argument = NULL;

        if (!gvir_sandbox_keyfile_read_string(file, "command", key, &argument, error))
            return NULL;
        if (!argument)
            break;
        g_strv_builder_add(builder, argument);
    }
    argv = g_strv_builder_end(builder);
    if (!gvir_sandbox_command_check(argv, error)) {
        gvir_sandbox_keyfile_prefix(error, "command");
        return NULL;
    }
    return g_steal_pointer(&argv);
}

void
gvir_sandbox_command_save(gchar **argv, GKeyFile *file)
{
    for (guint i = 0; argv && argv[i]; i++) {
        g_autofree gchar *key = g_strdup_printf("argv.%u", i);

        g_key_file_set_string(file, "command", key, argv[i]);
    }
}

gboolean
gvir_sandbox_command_check(gchar **argv, GError **error)
{
    if (!argv || !argv[0] || !*argv[0])
        return gvir_sandbox_text_invalid(error, _("argv.0: must name the program to run"));
    return TRUE;
}
