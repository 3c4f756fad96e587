/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/libvirt/handle-private.h"
#include "libvirt-sandbox/util/error-private.h"

virConnectPtr
gvir_sandbox_connection_handle(GVirConnection *connection)
{
    virConnectPtr handle = NULL;

    g_object_get(connection, "handle", &handle, NULL);
    return handle;
}

virDomainPtr
gvir_sandbox_domain_handle(GVirDomain *domain)
{
    virDomainPtr handle = NULL;

    g_object_get(domain, "handle", &handle, NULL);
    return handle;
}

/* Of any errno only that of libvirt's own sockets is about the connection. */
static GVirSandboxError
code_from_system(const virError *error)
{
    if (error->domain == VIR_FROM_RPC || error->domain == VIR_FROM_REMOTE || error->domain == VIR_FROM_STREAMS)
        return GVIR_SANDBOX_ERROR_CONNECTION;
    return gvir_sandbox_error_from_errno(error->int1);
}

static GVirSandboxError
code_from_libvirt(const virError *error)
{
    switch (error->code) {
    case VIR_ERR_NO_CONNECT:
    case VIR_ERR_INVALID_CONN:
    case VIR_ERR_RPC:
    case VIR_ERR_NO_SERVER:
        return GVIR_SANDBOX_ERROR_CONNECTION;
    case VIR_ERR_SYSTEM_ERROR:
        return code_from_system(error);
    case VIR_ERR_AUTH_FAILED:
    case VIR_ERR_AUTH_CANCELLED:
    case VIR_ERR_AUTH_UNAVAILABLE:
    case VIR_ERR_ACCESS_DENIED:
        return GVIR_SANDBOX_ERROR_DENIED;
    case VIR_ERR_NO_DOMAIN:
        return GVIR_SANDBOX_ERROR_NOT_FOUND;
    case VIR_ERR_NO_SUPPORT:
    case VIR_ERR_CONFIG_UNSUPPORTED:
    case VIR_ERR_OPERATION_UNSUPPORTED:
    case VIR_ERR_ARGUMENT_UNSUPPORTED:
        return GVIR_SANDBOX_ERROR_UNSUPPORTED;
    case VIR_ERR_DOM_EXIST:
        return GVIR_SANDBOX_ERROR_BUSY;
    default:
        return GVIR_SANDBOX_ERROR_FAILED;
    }
}

GVirSandboxError
gvir_sandbox_handle_last_code(void)
{
    const virError *last = virGetLastError();

    return last ? code_from_libvirt(last) : GVIR_SANDBOX_ERROR_FAILED;
}

void
gvir_sandbox_handle_set_error(GError **error, const gchar *format, ...)
{
    virErrorPtr last = virGetLastError();
    g_autofree gchar *text = NULL;
    g_autofree gchar *reason = g_strdup(last ? last->message : "");
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);

    /* What QEMU printed comes in several lines; a message has one. */
    g_strdelimit(g_strchomp(reason), "\n", ' ');
    g_set_error(error, GVIR_SANDBOX_ERROR, gvir_sandbox_handle_last_code(), "%s: %s", text, reason);
}
