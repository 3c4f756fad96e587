/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * GVIR_SANDBOX_ERROR:
 *
 * The one error domain of the library.
 *
 * Since: 0.9.0
 */
#define GVIR_SANDBOX_ERROR (gvir_sandbox_error_quark())

/**
 * GVirSandboxError:
 * @GVIR_SANDBOX_ERROR_FAILED: something failed that no other code describes
 * @GVIR_SANDBOX_ERROR_INVALID: a configuration, option text or saved file is wrong; the message says where
 * @GVIR_SANDBOX_ERROR_NOT_FOUND: a file, kernel, program or running sandbox is not there
 * @GVIR_SANDBOX_ERROR_DENIED: it is there, and may not be used
 * @GVIR_SANDBOX_ERROR_UNSUPPORTED: this driver, host or libvirt version cannot do it
 * @GVIR_SANDBOX_ERROR_BUSY: a sandbox of that name, or a user of that image, is there already
 * @GVIR_SANDBOX_ERROR_CONNECTION: libvirt could not be reached or went away
 * @GVIR_SANDBOX_ERROR_GUEST: the guest could not set the sandbox up, or ended without a status
 * @GVIR_SANDBOX_ERROR_PROTOCOL: the guest sent what it may not send
 * @GVIR_SANDBOX_ERROR_STATE: the call does not fit the state of the object (not started, already attached)
 * @GVIR_SANDBOX_ERROR_NOT_EXECUTABLE: the program was found and could not be executed
 * @GVIR_SANDBOX_ERROR_TIMED_OUT: the program did not end in the time that it was given
 *
 * What went wrong, so that a caller can act on it.
 *
 * Since: 0.9.0
 */
typedef enum {
    GVIR_SANDBOX_ERROR_FAILED,
    GVIR_SANDBOX_ERROR_INVALID,
    GVIR_SANDBOX_ERROR_NOT_FOUND,
    GVIR_SANDBOX_ERROR_DENIED,
    GVIR_SANDBOX_ERROR_UNSUPPORTED,
    GVIR_SANDBOX_ERROR_BUSY,
    GVIR_SANDBOX_ERROR_CONNECTION,
    GVIR_SANDBOX_ERROR_GUEST,
    GVIR_SANDBOX_ERROR_PROTOCOL,
    GVIR_SANDBOX_ERROR_STATE,
    GVIR_SANDBOX_ERROR_NOT_EXECUTABLE,
    GVIR_SANDBOX_ERROR_TIMED_OUT,
} GVirSandboxError;

/**
 * gvir_sandbox_error_quark:
 *
 * Gives the error domain of the library, for which there is the macro %GVIR_SANDBOX_ERROR.
 *
 * Returns: the quark of the domain
 *
 * Since: 0.9.0
 */
GQuark gvir_sandbox_error_quark(void);
const gchar *gvir_sandbox_error_get_remedy(const GError *error);

G_END_DECLS
