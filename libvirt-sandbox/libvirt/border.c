/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"
#include "libvirt-sandbox/libvirt/handle-private.h"

#include <gio/gio.h>

static GVirSandboxError
code_from_file_error(gint code)
{
    switch (code) {
    case G_FILE_ERROR_NOENT:
    case G_FILE_ERROR_NOTDIR:
        return GVIR_SANDBOX_ERROR_NOT_FOUND;
    case G_FILE_ERROR_ACCES:
    case G_FILE_ERROR_PERM:
    case G_FILE_ERROR_ROFS:
        return GVIR_SANDBOX_ERROR_DENIED;
    case G_FILE_ERROR_EXIST:
        return GVIR_SANDBOX_ERROR_BUSY;
    case G_FILE_ERROR_NOSYS:
        return GVIR_SANDBOX_ERROR_UNSUPPORTED;
    default:
        return GVIR_SANDBOX_ERROR_FAILED;
    }
}

static GVirSandboxError
code_from_io_error(gint code)
{
    switch (code) {
    case G_IO_ERROR_NOT_FOUND:
    case G_IO_ERROR_NOT_DIRECTORY:
        return GVIR_SANDBOX_ERROR_NOT_FOUND;
    case G_IO_ERROR_PERMISSION_DENIED:
    case G_IO_ERROR_READ_ONLY:
        return GVIR_SANDBOX_ERROR_DENIED;
    case G_IO_ERROR_EXISTS:
    case G_IO_ERROR_BUSY:
        return GVIR_SANDBOX_ERROR_BUSY;
    case G_IO_ERROR_NOT_SUPPORTED:
        return GVIR_SANDBOX_ERROR_UNSUPPORTED;
    case G_IO_ERROR_INVALID_ARGUMENT:
    case G_IO_ERROR_INVALID_DATA:
    case G_IO_ERROR_INVALID_FILENAME:
        return GVIR_SANDBOX_ERROR_INVALID;
    default:
        return GVIR_SANDBOX_ERROR_FAILED;
    }
}

static GVirSandboxError
code_from_spawn_error(gint code)
{
    switch (code) {
    case G_SPAWN_ERROR_NOENT:
    case G_SPAWN_ERROR_NOTDIR:
        return GVIR_SANDBOX_ERROR_NOT_FOUND;
    case G_SPAWN_ERROR_ACCES:
    case G_SPAWN_ERROR_PERM:
        return GVIR_SANDBOX_ERROR_DENIED;
    case G_SPAWN_ERROR_NOEXEC:
        return GVIR_SANDBOX_ERROR_NOT_EXECUTABLE;
    default:
        return GVIR_SANDBOX_ERROR_FAILED;
    }
}

/* libvirt-glib has its own domains and no codes in them; its messages end with what libvirt said. */
static GVirSandboxError
code_from_other(const GError *error)
{
    const virError *last = virGetLastError();

    if (error->domain == G_KEY_FILE_ERROR || error->domain == G_MARKUP_ERROR || error->domain == G_CONVERT_ERROR)
        return GVIR_SANDBOX_ERROR_INVALID;
    if (last && last->message && g_str_has_suffix(error->message, last->message))
        return gvir_sandbox_handle_last_code();
    return GVIR_SANDBOX_ERROR_FAILED;
}

static GVirSandboxError
code_of(const GError *error)
{
    if (error->domain == G_FILE_ERROR)
        return code_from_file_error(error->code);
    if (error->domain == G_IO_ERROR)
        return code_from_io_error(error->code);
    if (error->domain == G_SPAWN_ERROR)
        return code_from_spawn_error(error->code);
    return code_from_other(error);
}

void
gvir_sandbox_border_convert(GError **error)
{
    g_autoptr(GError) foreign = NULL;

    if (!error || !*error || (*error)->domain == GVIR_SANDBOX_ERROR ||
        g_error_matches(*error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    foreign = g_steal_pointer(error);
    *error = g_error_new_literal(GVIR_SANDBOX_ERROR, code_of(foreign), foreign->message);
}

void
gvir_sandbox_border_leave(GError ***error)
{
    gvir_sandbox_border_convert(*error);
}
