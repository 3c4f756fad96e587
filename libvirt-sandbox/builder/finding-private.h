/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/finding.h"

/* Another value of @property helps; NULL for none that is known. */
void gvir_sandbox_finding_set_remedy(GVirSandboxFinding *finding, const gchar *property);
