/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/fields-private.h"
#include "libvirt-sandbox/config/format/keyfile-private.h"

/* A row of the table of settings, and the kinds of values that a row can have. */

typedef struct _GVirSandboxSetting GVirSandboxSetting;

typedef struct {
    /* NULL: settings of this kind are not properties. */
    GParamSpec *(*describe)(const GVirSandboxSetting *setting);
    void (*get)(gconstpointer field, GValue *value);
    /* FALSE if @field has that value already. */
    gboolean (*set)(const GVirSandboxSetting *setting, gpointer field, const GValue *value);
    void (*clear)(gpointer field);
    gboolean (*load)(const GVirSandboxSetting *setting, gpointer field, GVirSandboxKeyfile *file, GError **error);
    /* Whether @field has a value other than the default. */
    gboolean (*is_set)(const GVirSandboxSetting *setting, gconstpointer field);
    void (*save)(const GVirSandboxSetting *setting, gconstpointer field, GKeyFile *file);
} GVirSandboxSettingKind;

typedef enum {
    GVIR_SANDBOX_SAVED_IF_SET,
    GVIR_SANDBOX_SAVED_IF_ASKED,
    GVIR_SANDBOX_SAVED_ALWAYS,
} GVirSandboxSettingSaved;

struct _GVirSandboxSetting {
    const gchar *property;
    const gchar *group;
    const gchar *key;
    const GVirSandboxSettingKind *kind;
    /* Offsets in GVirSandboxConfigPrivate; @asked is the gboolean that becomes TRUE when the caller sets the property
     * or a file has the key, 0 if there is none. */
    gsize field;
    gsize asked;
    GVirSandboxSettingSaved saved;
    GParamFlags flags;
    /* Of an enumeration. */
    GType (*get_type)(void);
    /* Without it the default is NULL, FALSE or 0. */
    void (*set_default)(gpointer field);
    /* The value of a gboolean that was not asked for, where it follows from @fields. */
    gboolean (*implied)(const GVirSandboxConfigPrivate *fields);
    /* To set NULL is to set the default. */
    gboolean never_null;
    /* @field is the value among @fields; the message begins with @key. */
    gboolean (*check)(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field, GError **error);
};

extern const GVirSandboxSettingKind gvir_sandbox_setting_text;
extern const GVirSandboxSettingKind gvir_sandbox_setting_boolean;
extern const GVirSandboxSettingKind gvir_sandbox_setting_uint;
extern const GVirSandboxSettingKind gvir_sandbox_setting_uint64;
extern const GVirSandboxSettingKind gvir_sandbox_setting_enum;
/* A GPtrArray of paths, which are the keys KEY.0, KEY.1 and so on of a file. */
extern const GVirSandboxSettingKind gvir_sandbox_setting_paths;
