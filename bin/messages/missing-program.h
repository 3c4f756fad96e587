/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/libvirt-sandbox.h>

/* Why a program that the sandbox did not find is there on the host, and what helps; NULL if that is not
 * known. */
gchar *missing_program_explain(GVirSandboxConfig *config);
