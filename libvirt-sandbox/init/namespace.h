/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The user namespace in which a container's program runs, and which locks its mounts. */

#include <stdbool.h>
#include <sys/types.h>

/* Like fork(). In a container the child gets user and mount namespaces of its own, and must call namespace_enter()
 * first. */
pid_t namespace_fork(bool machine);
bool namespace_enter(bool machine);
