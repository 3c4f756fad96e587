/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* /sys/fs/cgroup of a container */

/* In the directory @place. */
void cgroups_mount(int place);
