/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Leaves of a process's label, as the kernel writes it, the label: AppArmor adds the mode of the profile. */
void gvir_sandbox_security_text_trim(gchar *text);
