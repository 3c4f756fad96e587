/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The numbers of users, in a container and to the kernel; the same for groups. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct settings;

/* From then on, what init creates belongs to the container's user 0. */
void users_prepare(const struct settings *settings);
uint32_t users_outside(uint32_t inside);
uint32_t users_inside(uint32_t outside);
/* In a child: becomes the user that makes the program's namespaces. */
bool users_become_maker(void);
bool users_map_process(pid_t pid);
/* Makes @mount, of files with the numbers of inside, show these numbers inside. Returns @mount, or -1 and errno. */
int users_map_mount(int mount);
