/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* From strings to strings, and remembering in which order they came, so that a file keeps its order. */
typedef struct {
    GHashTable *table;
    GPtrArray *keys;
} GVirSandboxStringMap;

GVirSandboxStringMap *gvir_sandbox_string_map_new(void);
void gvir_sandbox_string_map_free(GVirSandboxStringMap *map);
void gvir_sandbox_string_map_set(GVirSandboxStringMap *map, const gchar *key, const gchar *value);
gboolean gvir_sandbox_string_map_contains(GVirSandboxStringMap *map, const gchar *key);
/* The INDEXth, in the order in which they came first. */
const gchar *gvir_sandbox_string_map_get(GVirSandboxStringMap *map, guint index, const gchar **value);
guint gvir_sandbox_string_map_get_size(GVirSandboxStringMap *map);
/* A new table with copies of all. */
GHashTable *gvir_sandbox_string_map_copy_table(GVirSandboxStringMap *map);
