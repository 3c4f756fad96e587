/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/setting-kind-private.h"

#include "libvirt-sandbox/util/text-private.h"

static GParamFlags
get_flags(const GVirSandboxSetting *setting)
{
    return G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY | setting->flags;
}

static GParamSpec *
describe_text(const GVirSandboxSetting *setting)
{
    return g_param_spec_string(setting->property, NULL, NULL, NULL, get_flags(setting));
}

static void
get_text(gconstpointer field, GValue *value)
{
    g_value_set_string(value, *(gchar *const *)field);
}

static gboolean
set_text(const GVirSandboxSetting *setting, gpointer field, const GValue *value)
{
    const gchar *text = g_value_get_string(value);
    g_autofree gchar *preset = NULL;

    if (!text && setting->never_null)
        setting->set_default(&preset);
    return gvir_sandbox_text_replace(field, text ? text : preset);
}

static void
clear_text(gpointer field)
{
    g_clear_pointer((gchar **)field, g_free);
}

static gboolean
load_text(const GVirSandboxSetting *setting, gpointer field, GVirSandboxKeyfile *file, GError **error)
{
    return gvir_sandbox_keyfile_read_string(file, setting->group, setting->key, field, error);
}

static gboolean
is_text_set(const GVirSandboxSetting *setting, gconstpointer field)
{
    return *(gchar *const *)field != NULL;
}

static void
save_text(const GVirSandboxSetting *setting, gconstpointer field, GKeyFile *file)
{
    gvir_sandbox_keyfile_write_string(file, setting->group, setting->key, *(gchar *const *)field);
}

const GVirSandboxSettingKind gvir_sandbox_setting_text = { describe_text, get_text,    set_text, clear_text,
                                                           load_text,     is_text_set, save_text };

static gboolean
get_default_truth(const GVirSandboxSetting *setting)
{
    gboolean truth = FALSE;

    if (setting->set_default)
        setting->set_default(&truth);
    return truth;
}

static GParamSpec *
describe_boolean(const GVirSandboxSetting *setting)
{
    return g_param_spec_boolean(setting->property, NULL, NULL, get_default_truth(setting), get_flags(setting));
}

static void
get_boolean(gconstpointer field, GValue *value)
{
    g_value_set_boolean(value, *(const gboolean *)field);
}

static gboolean
set_boolean(const GVirSandboxSetting *setting, gpointer field, const GValue *value)
{
    gboolean before = *(gboolean *)field;

    *(gboolean *)field = !!g_value_get_boolean(value);
    return *(gboolean *)field != before;
}

static void
clear_nothing(gpointer field)
{
}

static gboolean
load_boolean(const GVirSandboxSetting *setting, gpointer field, GVirSandboxKeyfile *file, GError **error)
{
    return gvir_sandbox_keyfile_read_boolean(file, setting->group, setting->key, field, error);
}

static gboolean
is_boolean_set(const GVirSandboxSetting *setting, gconstpointer field)
{
    return *(const gboolean *)field != get_default_truth(setting);
}

static void
save_boolean(const GVirSandboxSetting *setting, gconstpointer field, GKeyFile *file)
{
    g_key_file_set_boolean(file, setting->group, setting->key, *(const gboolean *)field);
}

const GVirSandboxSettingKind gvir_sandbox_setting_boolean = {
    describe_boolean, get_boolean, set_boolean, clear_nothing, load_boolean, is_boolean_set, save_boolean,
};

static GParamSpec *
describe_uint(const GVirSandboxSetting *setting)
{
    return g_param_spec_uint(setting->property, NULL, NULL, 0, G_MAXUINT, 0, get_flags(setting));
}

static void
get_uint(gconstpointer field, GValue *value)
{
    g_value_set_uint(value, *(const guint *)field);
}

static gboolean
set_uint(const GVirSandboxSetting *setting, gpointer field, const GValue *value)
{
    guint before = *(guint *)field;

    *(guint *)field = g_value_get_uint(value);
    return *(guint *)field != before;
}

static gboolean
load_uint(const GVirSandboxSetting *setting, gpointer field, GVirSandboxKeyfile *file, GError **error)
{
    return gvir_sandbox_keyfile_read_uint(file, setting->group, setting->key, field, error);
}

static gboolean
is_uint_set(const GVirSandboxSetting *setting, gconstpointer field)
{
    return *(const guint *)field != 0;
}

static void
save_uint(const GVirSandboxSetting *setting, gconstpointer field, GKeyFile *file)
{
    g_key_file_set_uint64(file, setting->group, setting->key, *(const guint *)field);
}

const GVirSandboxSettingKind gvir_sandbox_setting_uint = { describe_uint, get_uint,    set_uint, clear_nothing,
                                                           load_uint,     is_uint_set, save_uint };

static GParamSpec *
describe_uint64(const GVirSandboxSetting *setting)
{
    return g_param_spec_uint64(setting->property, NULL, NULL, 0, G_MAXUINT64, 0, get_flags(setting));
}

static void
get_uint64(gconstpointer field, GValue *value)
{
    g_value_set_uint64(value, *(const guint64 *)field);
}

static gboolean
set_uint64(const GVirSandboxSetting *setting, gpointer field, const GValue *value)
{
    guint64 before = *(guint64 *)field;

    *(guint64 *)field = g_value_get_uint64(value);
    return *(guint64 *)field != before;
}

static gboolean
load_uint64(const GVirSandboxSetting *setting, gpointer field, GVirSandboxKeyfile *file, GError **error)
{
    return gvir_sandbox_keyfile_read_number(file, setting->group, setting->key, G_MAXUINT64, field, error);
}

static gboolean
is_uint64_set(const GVirSandboxSetting *setting, gconstpointer field)
{
    return *(const guint64 *)field != 0;
}

static void
save_uint64(const GVirSandboxSetting *setting, gconstpointer field, GKeyFile *file)
{
    g_key_file_set_uint64(file, setting->group, setting->key, *(const guint64 *)field);
}

const GVirSandboxSettingKind gvir_sandbox_setting_uint64 = {
    describe_uint64, get_uint64, set_uint64, clear_nothing, load_uint64, is_uint64_set, save_uint64,
};

static GParamSpec *
describe_enum(const GVirSandboxSetting *setting)
{
    return g_param_spec_enum(setting->property, NULL, NULL, setting->get_type(), 0, get_flags(setting));
}

static void
get_enum(gconstpointer field, GValue *value)
{
    g_value_set_enum(value, *(const gint *)field);
}

static gboolean
set_enum(const GVirSandboxSetting *setting, gpointer field, const GValue *value)
{
    gint before = *(gint *)field;

    *(gint *)field = g_value_get_enum(value);
    return *(gint *)field != before;
}

static gboolean
load_enum(const GVirSandboxSetting *setting, gpointer field, GVirSandboxKeyfile *file, GError **error)
{
    return gvir_sandbox_keyfile_read_enum(file, setting->group, setting->key, setting->get_type(), field, error);
}

static gboolean
is_enum_set(const GVirSandboxSetting *setting, gconstpointer field)
{
    return *(const gint *)field != 0;
}

static void
save_enum(const GVirSandboxSetting *setting, gconstpointer field, GKeyFile *file)
{
    gvir_sandbox_keyfile_write_enum(file, setting->group, setting->key, setting->get_type(), *(const gint *)field);
}

const GVirSandboxSettingKind gvir_sandbox_setting_enum = { describe_enum, get_enum,    set_enum, clear_nothing,
                                                           load_enum,     is_enum_set, save_enum };

static void
clear_paths(gpointer field)
{
    g_clear_pointer((GPtrArray **)field, g_ptr_array_unref);
}

/* In a file the Nth path has the key "KEY.N". */
static gboolean
load_paths(const GVirSandboxSetting *setting, gpointer field, GVirSandboxKeyfile *file, GError **error)
{
    for (guint i = 0;; i++) {
        g_autofree gchar *key = g_strdup_printf("%s.%u", setting->key, i);
        gchar *path = NULL;

        if (!gvir_sandbox_keyfile_read_string(file, setting->group, key, &path, error))
            return FALSE;
        if (!path)
            return TRUE;
        g_ptr_array_add(*(GPtrArray **)field, path);
    }
}

static gboolean
is_paths_set(const GVirSandboxSetting *setting, gconstpointer field)
{
    return (*(GPtrArray *const *)field)->len > 0;
}

static void
save_paths(const GVirSandboxSetting *setting, gconstpointer field, GKeyFile *file)
{
    GPtrArray *paths = *(GPtrArray *const *)field;

    for (guint i = 0; i < paths->len; i++) {
        g_autofree gchar *key = g_strdup_printf("%s.%u", setting->key, i);

        g_key_file_set_string(file, setting->group, key, paths->pdata[i]);
    }
}

const GVirSandboxSettingKind gvir_sandbox_setting_paths = { NULL,       NULL,         NULL,      clear_paths,
                                                            load_paths, is_paths_set, save_paths };
