/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Mount points in read-only directories. */

int room_make(int directory);
void room_finish(void);
