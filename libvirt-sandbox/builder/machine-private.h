/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/builder.h"

/* The socket of a console or channel @name of a machine whose driver is embedded in this process. */
gchar *gvir_sandbox_builder_machine_socket(const gchar *statedir, const gchar *name);
