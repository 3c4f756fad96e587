/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/config.h"

/* What must hold whatever the input was; each aborts where it does not. */

/* @error is of the library's domain, and its message one line that a terminal can be shown. */
void expect_clear_error(const GError *error);

/* What was accepted can be saved, unless it is no text, and saved again it is the same to the byte. */
void expect_saves_the_same(GVirSandboxConfig *config);
