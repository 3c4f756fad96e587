/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The life of a service, without a channel to the host. */

struct settings;

void service_run(const struct settings *settings);
