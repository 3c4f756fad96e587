/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Where builders find what no description names. What is NULL is found where it usually is. */
typedef struct {
    const gchar *helpers;  /* the directory of our helper programs */
    const gchar *data;     /* the directory of our files of data */
    const gchar *cache;    /* the directory of the boot cache */
    const gchar *firmware; /* the file of the firmware that starts a kernel directly */
} GVirSandboxHelperPlaces;

/* Changes them for this process: a test is to depend on nothing of its host. @places must stay; NULL: the usual. */
void gvir_sandbox_helper_set_places(const GVirSandboxHelperPlaces *places);
const GVirSandboxHelperPlaces *gvir_sandbox_helper_get_places(void);

/* Where a helper program of ours is: installed, or in the tree that this library was built in. */
gchar *gvir_sandbox_helper_find(const gchar *name, GError **error);

/* The same for a file of data, which need not be there. */
gchar *gvir_sandbox_helper_find_data(const gchar *name);
