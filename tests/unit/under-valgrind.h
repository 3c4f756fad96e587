/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <string.h>

/* Whether valgrind runs this test: everything takes many times as long then, and system calls are its own. */
static inline gboolean
runs_under_valgrind(void)
{
    const gchar *preload = g_getenv("LD_PRELOAD");

    return preload && strstr(preload, "vgpreload");
}
