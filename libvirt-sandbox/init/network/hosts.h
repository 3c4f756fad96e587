/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* /etc/hosts */

struct settings;

void hosts_mount(const struct settings *settings);
