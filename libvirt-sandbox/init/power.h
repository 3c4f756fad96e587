/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The end of the sandbox, whatever the reason. */

#include <stdbool.h>
#include <stdnoreturn.h>

void power_set_machine(bool machine);
noreturn void power_off(void);
