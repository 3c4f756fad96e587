/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/boot/kernel-private.h"
#include "libvirt-sandbox/config/config.h"

/* Asks in @request for the kernel that the configuration wants. @request points into it, and into what is
 * returned: the modules that the machine cannot do without. */
GStrv gvir_sandbox_machine_request_kernel(GVirSandboxConfig *config, GVirSandboxKernelRequest *request);
