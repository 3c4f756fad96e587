/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "expect.h"

#include "libvirt-sandbox/config/config-check-private.h"
#include "libvirt-sandbox/config/program/interactive.h"
#include "libvirt-sandbox/error.h"
#include "libvirt-sandbox/libvirt/driver-private.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static gboolean
add_include(GVirSandboxConfig *config, const gchar *text, GError **error)
{
    const gchar *texts[] = { text, NULL };

    return gvir_sandbox_config_add_host_include_strv(config, (gchar **)texts, error);
}

static gboolean
add_include_file(GVirSandboxConfig *config, const gchar *content, GError **error)
{
    int fd = memfd_create("includes", MFD_CLOEXEC);
    g_autofree gchar *path = g_strdup_printf("/proc/self/fd/%d", fd);
    gboolean added;

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, content, strlen(content)), ==, (gssize)strlen(content));
    added = gvir_sandbox_config_add_host_include_file(config, path, error);
    close(fd);
    return added;
}

static gboolean
parse_connection(GVirSandboxConfig *config G_GNUC_UNUSED, const gchar *text, GError **error)
{
    g_autoptr(GVirSandboxDriver) driver = gvir_sandbox_driver_parse(text, error);

    return driver != NULL;
}

/* The letter that a piece of the input starts with, and what reads the rest. */
static const struct {
    gchar letter;
    gboolean (*read)(GVirSandboxConfig *config, const gchar *text, GError **error);
} kinds[] = {
    { 'm', gvir_sandbox_config_add_mount_opts },
    { 'd', gvir_sandbox_config_add_disk_opts },
    { 'N', gvir_sandbox_config_add_network_opts },
    { 'e', gvir_sandbox_config_add_env_opts },
    { 's', gvir_sandbox_config_set_security_opts },
    { 'M', gvir_sandbox_config_set_memory_opts },
    { 'i', add_include },
    { 'I', add_include_file },
    { 'c', parse_connection },
};

static gboolean
read_piece(GVirSandboxConfig *config, const gchar *piece)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(GError) error = NULL;

        if (*piece != kinds[i].letter)
            continue;
        if (kinds[i].read(config, piece + 1, &error)) {
            g_assert_no_error(error);
            return TRUE;
        }
        expect_clear_error(error);
    }
    return FALSE;
}

/* Option texts with a NUL between them, for one description: what each accepts must go together. */
int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    g_autoptr(GVirSandboxConfigInteractive) config = gvir_sandbox_config_interactive_new("fuzz");
    g_autoptr(GError) error = NULL;
    gsize done = 0;

    while (done < size) {
        g_autofree gchar *piece = g_strndup((const gchar *)data + done, size - done);

        /* To guess a format an image is looked into, and of devices even that may have an effect. */
        if (!strstr(piece, "/dev"))
            read_piece(GVIR_SANDBOX_CONFIG(config), piece);
        done += strlen(piece) + 1;
    }
    g_assert_true(gvir_sandbox_config_check(GVIR_SANDBOX_CONFIG(config), &error));
    expect_saves_the_same(GVIR_SANDBOX_CONFIG(config));
    return 0;
}
