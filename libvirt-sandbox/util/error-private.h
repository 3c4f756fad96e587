/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/error.h"

/* Sets @error with the text of @saved_errno appended, mapping the usual errno values to codes. */
void gvir_sandbox_error_set_errno(GError **error, int saved_errno, const gchar *format, ...) G_GNUC_PRINTF(3, 4);

/* The code of an errno, as it is set there. */
GVirSandboxError gvir_sandbox_error_from_errno(int saved_errno);

/* Puts "PREFIX: " before the message of @error; always FALSE, so that a failing function can return it. */
gboolean gvir_sandbox_error_prefix(GError **error, const gchar *format, ...) G_GNUC_PRINTF(2, 3);

/* Notes in @error, if it is set and ours, that another value of @property helps; the message says so in words. */
void gvir_sandbox_error_set_remedy(GError **error, const gchar *property);
