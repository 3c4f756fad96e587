/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * GVirSandboxFindingLevel:
 * @GVIR_SANDBOX_FINDING_LEVEL_PASS: it is as it should be
 * @GVIR_SANDBOX_FINDING_LEVEL_WARN: a sandbox can be started, but not as good a one as there could be
 * @GVIR_SANDBOX_FINDING_LEVEL_FAIL: a start would fail over it
 *
 * How what was found on a host is to be judged.
 *
 * Since: 0.9.0
 */
typedef enum {
    GVIR_SANDBOX_FINDING_LEVEL_PASS,
    GVIR_SANDBOX_FINDING_LEVEL_WARN,
    GVIR_SANDBOX_FINDING_LEVEL_FAIL,
} GVirSandboxFindingLevel;

#define GVIR_SANDBOX_TYPE_FINDING (gvir_sandbox_finding_get_type())
G_DECLARE_FINAL_TYPE(GVirSandboxFinding, gvir_sandbox_finding, GVIR_SANDBOX, FINDING, GObject)

GVirSandboxFinding *gvir_sandbox_finding_new(GVirSandboxFindingLevel level, const gchar *what, const gchar *detail);
GVirSandboxFindingLevel gvir_sandbox_finding_get_level(GVirSandboxFinding *finding);
const gchar *gvir_sandbox_finding_get_what(GVirSandboxFinding *finding);
const gchar *gvir_sandbox_finding_get_detail(GVirSandboxFinding *finding);
const gchar *gvir_sandbox_finding_get_remedy(GVirSandboxFinding *finding);

G_END_DECLS
