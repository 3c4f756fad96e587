/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

/* A new list with new references to the objects of ARRAY. */
static inline GList *
gvir_sandbox_list_from_array(GPtrArray *array)
{
    GList *list = NULL;

    for (guint i = array->len; i > 0; i--)
        list = g_list_prepend(list, g_object_ref(array->pdata[i - 1]));
    return list;
}
