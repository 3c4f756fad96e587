/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/finding.h"

/* A growing list of what was found on a host: a #GList of #GVirSandboxFinding. */

/* @remedy: the property whose other value helps, or NULL. */
void gvir_sandbox_findings_add(GList **findings, GVirSandboxFindingLevel level, const gchar *remedy, const gchar *what,
                               const gchar *format, ...) G_GNUC_PRINTF(5, 6);
#define gvir_sandbox_findings_pass(findings, ...)                                                                      \
    gvir_sandbox_findings_add(findings, GVIR_SANDBOX_FINDING_LEVEL_PASS, NULL, __VA_ARGS__)
#define gvir_sandbox_findings_warn(findings, ...)                                                                      \
    gvir_sandbox_findings_add(findings, GVIR_SANDBOX_FINDING_LEVEL_WARN, NULL, __VA_ARGS__)
#define gvir_sandbox_findings_warn_remedy(findings, remedy, ...)                                                       \
    gvir_sandbox_findings_add(findings, GVIR_SANDBOX_FINDING_LEVEL_WARN, remedy, __VA_ARGS__)
#define gvir_sandbox_findings_fail(findings, ...)                                                                      \
    gvir_sandbox_findings_add(findings, GVIR_SANDBOX_FINDING_LEVEL_FAIL, NULL, __VA_ARGS__)

/* A failure, unless the same was found already. */
void gvir_sandbox_findings_add_error(GList **findings, const gchar *what, const GError *error);

/* Whether files can be made in @path, which need not be there yet, and whether there is room for @wanted
 * bytes. */
void gvir_sandbox_findings_add_directory(GList **findings, const gchar *what, const gchar *path, guint64 wanted);

/* Whether our program for the guest is installed. */
void gvir_sandbox_findings_add_init(GList **findings);

void gvir_sandbox_findings_free(GList *findings);
