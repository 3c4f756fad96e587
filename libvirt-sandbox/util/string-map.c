/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/util/string-map-private.h"

GVirSandboxStringMap *
gvir_sandbox_string_map_new(void)
{
    GVirSandboxStringMap *map = g_new0(GVirSandboxStringMap, 1);

    map->table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    map->keys = g_ptr_array_new();
    return map;
}

void
gvir_sandbox_string_map_free(GVirSandboxStringMap *map)
{
    g_ptr_array_unref(map->keys);
    g_hash_table_unref(map->table);
    g_free(map);
}

void
gvir_sandbox_string_map_set(GVirSandboxStringMap *map, const gchar *key, const gchar *value)
{
    gchar *own = g_strdup(key);

    /* The table keeps the key that it has and frees the new one, so keys[] stays valid. */
    if (!g_hash_table_contains(map->table, key))
        g_ptr_array_add(map->keys, own);
    g_hash_table_insert(map->table, own, g_strdup(value));
}

gboolean
gvir_sandbox_string_map_contains(GVirSandboxStringMap *map, const gchar *key)
{
    return g_hash_table_contains(map->table, key);
}

const gchar *
gvir_sandbox_string_map_get(GVirSandboxStringMap *map, guint index, const gchar **value)
{
    const gchar *key = g_ptr_array_index(map->keys, index);

    *value = g_hash_table_lookup(map->table, key);
    return key;
}

guint
gvir_sandbox_string_map_get_size(GVirSandboxStringMap *map)
{
    return map->keys->len;
}

GHashTable *
gvir_sandbox_string_map_copy_table(GVirSandboxStringMap *map)
{
    GHashTable *copy = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    for (guint i = 0; i < map->keys->len; i++) {
        const gchar *value;
        const gchar *key = gvir_sandbox_string_map_get(map, i, &value);

        g_hash_table_insert(copy, g_strdup(key), g_strdup(value));
    }
    return copy;
}
