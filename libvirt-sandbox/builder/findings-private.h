/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/finding.h"

/* A growing list of what was found on a host: a #GList of #GVirSandboxFinding. */

void gvir_sandbox_findings_pass(GList **findings, const gchar *what, const gchar *format, ...)
    G_GNUC_PRINTF(3, 4);
void gvir_sandbox_findings_warn(GList **findings, const gchar *what, const gchar *format, ...)
    G_GNUC_PRINTF(3, 4);
void gvir_sandbox_findings_fail(GList **findings, const gchar *what, const gchar *format, ...)
    G_GNUC_PRINTF(3, 4);

/* A failure, unless the same was found already. */
void gvir_sandbox_findings_add_error(GList **findings, const gchar *what, const GError *error);

/* Whether files can be made in @path, which need not be there yet, and whether there is room for @wanted
 * bytes. */
void gvir_sandbox_findings_add_directory(GList **findings, const gchar *what, const gchar *path,
                                         guint64 wanted);

/* Whether our program for the guest is installed. */
void gvir_sandbox_findings_add_init(GList **findings);

void gvir_sandbox_findings_free(GList *findings);
