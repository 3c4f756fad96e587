/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* A 9p device of a machine without the kernel's driver: a message is what is written here. NULL: it was done;
 * else why not. */
const char *raw_device_open(const char *tag);
/* Sends @request, and leaves in @reply what came back, at most @size bytes; 0: nothing did. */
uint32_t raw_device_ask(const void *request, uint32_t length, void *reply, uint32_t size);
