/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/fields-private.h"
#include "libvirt-sandbox/config/format/keyfile-private.h"

/*
 * The plain settings of a description. Each is one row of the table in settings.c: its property, its place in a saved
 * description, its default and its check follow from that.
 */

typedef struct _GVirSandboxConfig GVirSandboxConfig;

/* For the class: the properties, the defaults of a new description, and the end of one. */
void gvir_sandbox_settings_install(GObjectClass *class);
void gvir_sandbox_settings_init(GVirSandboxConfigPrivate *fields);
void gvir_sandbox_settings_clear(GVirSandboxConfigPrivate *fields);
void gvir_sandbox_settings_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec);
void gvir_sandbox_settings_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec);

/* For the setters. @field is the field of @config that the setting has; a change is notified. */
void gvir_sandbox_settings_set_text(GVirSandboxConfig *config, gchar **field, const gchar *text);
void gvir_sandbox_settings_set_boolean(GVirSandboxConfig *config, gboolean *field, gboolean truth);
void gvir_sandbox_settings_set_uint(GVirSandboxConfig *config, guint *field, guint number);
void gvir_sandbox_settings_set_uint64(GVirSandboxConfig *config, guint64 *field, guint64 number);
void gvir_sandbox_settings_set_enum(GVirSandboxConfig *config, gint *field, GType type, gint choice);

/* All settings that @file has. */
gboolean gvir_sandbox_settings_load(GVirSandboxConfigPrivate *fields, GVirSandboxKeyfile *file, GError **error);
/* The settings of one group; messages name the key. */
void gvir_sandbox_settings_save(const GVirSandboxConfigPrivate *fields, const gchar *group, GKeyFile *file);
gboolean gvir_sandbox_settings_check(const GVirSandboxConfigPrivate *fields, const gchar *group, GError **error);

/* The checks of values that are not in a description yet. */
gboolean gvir_sandbox_settings_check_memory(guint64 memory, GError **error);
gboolean gvir_sandbox_settings_check_hidden(const gchar *path, GError **error);
