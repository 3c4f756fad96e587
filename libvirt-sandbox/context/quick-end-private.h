/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/config.h"
#include "libvirt-sandbox/context/running-domain-private.h"

/*
 * Ends a machine of this process's own embedded driver whose program has ended, without waiting for libvirt,
 * which looks only every 200 ms whether QEMU is gone. What libvirt knows of it ends with this process, which
 * is to be soon. FALSE, and nothing is done, where there is more to it than that.
 */
gboolean gvir_sandbox_quick_end(GVirSandboxRunningDomain *domain, GVirConnection *connection,
                                GVirSandboxConfig *config);
