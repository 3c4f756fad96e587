/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/fields-private.h"

/* The checks of the table of settings. @field is the value of @key among @fields; the message begins with @key. */
typedef gboolean GVirSandboxSettingCheck(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field,
                                         GError **error);

GVirSandboxSettingCheck gvir_sandbox_setting_check_name;
GVirSandboxSettingCheck gvir_sandbox_setting_check_hostname;
GVirSandboxSettingCheck gvir_sandbox_setting_check_uuid;
GVirSandboxSettingCheck gvir_sandbox_setting_check_path;
GVirSandboxSettingCheck gvir_sandbox_setting_check_optional_path;
GVirSandboxSettingCheck gvir_sandbox_setting_check_guest_path;
GVirSandboxSettingCheck gvir_sandbox_setting_check_optional_guest_path;
GVirSandboxSettingCheck gvir_sandbox_setting_check_file_name;
GVirSandboxSettingCheck gvir_sandbox_setting_check_optional_file_name;
GVirSandboxSettingCheck gvir_sandbox_setting_check_memory;
GVirSandboxSettingCheck gvir_sandbox_setting_check_cpus;
GVirSandboxSettingCheck gvir_sandbox_setting_check_virt_type;
GVirSandboxSettingCheck gvir_sandbox_setting_check_timeout;
GVirSandboxSettingCheck gvir_sandbox_setting_check_overlay_dir;
GVirSandboxSettingCheck gvir_sandbox_setting_check_changes;
GVirSandboxSettingCheck gvir_sandbox_setting_check_hidden;
GVirSandboxSettingCheck gvir_sandbox_setting_check_home_size;
GVirSandboxSettingCheck gvir_sandbox_setting_check_id;

/* The same of values that are not in a description yet. */
gboolean gvir_sandbox_setting_check_bytes(guint64 memory, GError **error);
gboolean gvir_sandbox_setting_check_hidden_path(const gchar *path, GError **error);
