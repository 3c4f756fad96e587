/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <libvirt-sandbox/config/storage/disk.h>
#include <libvirt-sandbox/config/mounts/mount.h>
#include <libvirt-sandbox/config/network/network.h>
#include <libvirt-sandbox/config/virt-type.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONFIG (gvir_sandbox_config_get_type())
G_DECLARE_DERIVABLE_TYPE(GVirSandboxConfig, gvir_sandbox_config, GVIR_SANDBOX, CONFIG, GObject)

/**
 * GVirSandboxConfigClass:
 * @parent_class: the parent class
 * @get_command: gives the program that the sandbox runs, with its arguments
 *
 * The class of #GVirSandboxConfig.
 */
struct _GVirSandboxConfigClass {
    GObjectClass parent_class;

    gchar **(*get_command)(GVirSandboxConfig *config);

    /*< private >*/
    gpointer padding[11];
};

GVirSandboxConfig *gvir_sandbox_config_load_from_path(const gchar *path, GError **error);
GVirSandboxConfig *gvir_sandbox_config_load_from_data(const gchar *data, GError **error);
const gchar *const *gvir_sandbox_config_get_not_understood(GVirSandboxConfig *config);
gboolean gvir_sandbox_config_save_to_path(GVirSandboxConfig *config, const gchar *path, GError **error);
gchar *gvir_sandbox_config_save_to_data(GVirSandboxConfig *config, GError **error);

const gchar *gvir_sandbox_config_get_name(GVirSandboxConfig *config);
void gvir_sandbox_config_set_name(GVirSandboxConfig *config, const gchar *name);

void gvir_sandbox_config_set_hostname(GVirSandboxConfig *config, const gchar *hostname);
const gchar *gvir_sandbox_config_get_hostname(GVirSandboxConfig *config);

void gvir_sandbox_config_set_uuid(GVirSandboxConfig *config, const gchar *uuid);
const gchar *gvir_sandbox_config_get_uuid(GVirSandboxConfig *config);

void gvir_sandbox_config_set_root(GVirSandboxConfig *config, const gchar *hostdir);
const gchar *gvir_sandbox_config_get_root(GVirSandboxConfig *config);

void gvir_sandbox_config_set_arch(GVirSandboxConfig *config, const gchar *arch);
const gchar *gvir_sandbox_config_get_arch(GVirSandboxConfig *config);

void gvir_sandbox_config_set_kernrelease(GVirSandboxConfig *config, const gchar *kernrelease);
const gchar *gvir_sandbox_config_get_kernrelease(GVirSandboxConfig *config);

void gvir_sandbox_config_set_kernpath(GVirSandboxConfig *config, const gchar *kernpath);
const gchar *gvir_sandbox_config_get_kernpath(GVirSandboxConfig *config);

void gvir_sandbox_config_set_kmodpath(GVirSandboxConfig *config, const gchar *kmodpath);
const gchar *gvir_sandbox_config_get_kmodpath(GVirSandboxConfig *config);

void gvir_sandbox_config_set_shell(GVirSandboxConfig *config, gboolean shell);
gboolean gvir_sandbox_config_get_shell(GVirSandboxConfig *config);

void gvir_sandbox_config_set_debug(GVirSandboxConfig *config, gboolean debug);
gboolean gvir_sandbox_config_get_debug(GVirSandboxConfig *config);

void gvir_sandbox_config_set_verbose(GVirSandboxConfig *config, gboolean verbose);
gboolean gvir_sandbox_config_get_verbose(GVirSandboxConfig *config);

void gvir_sandbox_config_set_memory(GVirSandboxConfig *config, guint64 memory);
gboolean gvir_sandbox_config_set_memory_opts(GVirSandboxConfig *config, const gchar *optstr, GError **error);
guint64 gvir_sandbox_config_get_memory(GVirSandboxConfig *config);

void gvir_sandbox_config_set_cpus(GVirSandboxConfig *config, guint cpus);
guint gvir_sandbox_config_get_cpus(GVirSandboxConfig *config);

void gvir_sandbox_config_set_virt_type(GVirSandboxConfig *config, GVirSandboxConfigVirtType virt_type);
GVirSandboxConfigVirtType gvir_sandbox_config_get_virt_type(GVirSandboxConfig *config);

void gvir_sandbox_config_set_workdir(GVirSandboxConfig *config, const gchar *workdir);
const gchar *gvir_sandbox_config_get_workdir(GVirSandboxConfig *config);

void gvir_sandbox_config_set_workdir_optional(GVirSandboxConfig *config, gboolean optional);
gboolean gvir_sandbox_config_get_workdir_optional(GVirSandboxConfig *config);

void gvir_sandbox_config_set_timeout(GVirSandboxConfig *config, guint64 timeout);
guint64 gvir_sandbox_config_get_timeout(GVirSandboxConfig *config);

void gvir_sandbox_config_set_overlay(GVirSandboxConfig *config, gboolean overlay);
gboolean gvir_sandbox_config_get_overlay(GVirSandboxConfig *config);

void gvir_sandbox_config_set_overlay_dir(GVirSandboxConfig *config, const gchar *hostdir);
const gchar *gvir_sandbox_config_get_overlay_dir(GVirSandboxConfig *config);

void gvir_sandbox_config_set_changes(GVirSandboxConfig *config, const gchar *path);
const gchar *gvir_sandbox_config_get_changes(GVirSandboxConfig *config);

gboolean gvir_sandbox_config_add_hidden(GVirSandboxConfig *config, const gchar *path, GError **error);
gboolean gvir_sandbox_config_add_hidden_strv(GVirSandboxConfig *config, gchar **paths, GError **error);
gchar **gvir_sandbox_config_get_hidden(GVirSandboxConfig *config);
gboolean gvir_sandbox_config_has_hidden(GVirSandboxConfig *config);
void gvir_sandbox_config_set_hide_secrets(GVirSandboxConfig *config, gboolean hide);
gboolean gvir_sandbox_config_get_hide_secrets(GVirSandboxConfig *config);

void gvir_sandbox_config_set_private_home(GVirSandboxConfig *config, gboolean private_home);
gboolean gvir_sandbox_config_get_private_home(GVirSandboxConfig *config);
void gvir_sandbox_config_set_home_size(GVirSandboxConfig *config, guint64 size);
guint64 gvir_sandbox_config_get_home_size(GVirSandboxConfig *config);
gboolean gvir_sandbox_config_set_home_opts(GVirSandboxConfig *config, const gchar *optstr, GError **error);

void gvir_sandbox_config_set_privileged(GVirSandboxConfig *config, gboolean privileged);
gboolean gvir_sandbox_config_get_privileged(GVirSandboxConfig *config);

void gvir_sandbox_config_set_userid(GVirSandboxConfig *config, guint uid);
guint gvir_sandbox_config_get_userid(GVirSandboxConfig *config);

void gvir_sandbox_config_set_groupid(GVirSandboxConfig *config, guint gid);
guint gvir_sandbox_config_get_groupid(GVirSandboxConfig *config);

void gvir_sandbox_config_set_username(GVirSandboxConfig *config, const gchar *username);
const gchar *gvir_sandbox_config_get_username(GVirSandboxConfig *config);

void gvir_sandbox_config_set_homedir(GVirSandboxConfig *config, const gchar *homedir);
const gchar *gvir_sandbox_config_get_homedir(GVirSandboxConfig *config);

void gvir_sandbox_config_add_disk(GVirSandboxConfig *config, GVirSandboxConfigDisk *disk);
gboolean gvir_sandbox_config_add_disk_opts(GVirSandboxConfig *config, const gchar *disk, GError **error);
gboolean gvir_sandbox_config_add_disk_strv(GVirSandboxConfig *config, gchar **disks, GError **error);
GList *gvir_sandbox_config_get_disks(GVirSandboxConfig *config);
gboolean gvir_sandbox_config_has_disks(GVirSandboxConfig *config);

void gvir_sandbox_config_add_env(GVirSandboxConfig *config, const gchar *key, const gchar *value);
gboolean gvir_sandbox_config_add_env_opts(GVirSandboxConfig *config, const gchar *env, GError **error);
gboolean gvir_sandbox_config_add_env_file(GVirSandboxConfig *config, const gchar *path, GError **error);
gboolean gvir_sandbox_config_add_env_strv(GVirSandboxConfig *config, gchar **envs, GError **error);
GHashTable *gvir_sandbox_config_get_envs(GVirSandboxConfig *config);
gboolean gvir_sandbox_config_has_envs(GVirSandboxConfig *config);

void gvir_sandbox_config_add_network(GVirSandboxConfig *config, GVirSandboxConfigNetwork *network);
gboolean gvir_sandbox_config_add_network_opts(GVirSandboxConfig *config, const gchar *network, GError **error);
gboolean gvir_sandbox_config_add_network_strv(GVirSandboxConfig *config, gchar **networks, GError **error);
GList *gvir_sandbox_config_get_networks(GVirSandboxConfig *config);
gboolean gvir_sandbox_config_has_networks(GVirSandboxConfig *config);

void gvir_sandbox_config_add_mount(GVirSandboxConfig *config, GVirSandboxConfigMount *mount);
gboolean gvir_sandbox_config_add_mount_opts(GVirSandboxConfig *config, const gchar *mount, GError **error);
gchar *gvir_sandbox_config_add_share(GVirSandboxConfig *config, const gchar *directory, gchar **notice, GError **error);
gboolean gvir_sandbox_config_add_mount_strv(GVirSandboxConfig *config, gchar **mounts, GError **error);
GList *gvir_sandbox_config_get_mounts(GVirSandboxConfig *config);
GList *gvir_sandbox_config_get_mounts_with_type(GVirSandboxConfig *config, GType type);
gboolean gvir_sandbox_config_has_mounts(GVirSandboxConfig *config);
gboolean gvir_sandbox_config_has_mounts_with_type(GVirSandboxConfig *config, GType type);
gboolean gvir_sandbox_config_has_root_mount(GVirSandboxConfig *config);
GVirSandboxConfigMount *gvir_sandbox_config_find_mount(GVirSandboxConfig *config, const gchar *target);

gboolean gvir_sandbox_config_add_host_include_strv(GVirSandboxConfig *config, gchar **includes, GError **error);
gboolean gvir_sandbox_config_add_host_include_file(GVirSandboxConfig *config, const gchar *includefile, GError **error);

gboolean gvir_sandbox_config_set_security_opts(GVirSandboxConfig *config, const gchar *optstr, GError **error);
void gvir_sandbox_config_set_security_label(GVirSandboxConfig *config, const gchar *label);
const gchar *gvir_sandbox_config_get_security_label(GVirSandboxConfig *config);
void gvir_sandbox_config_set_security_dynamic(GVirSandboxConfig *config, gboolean dynamic);
gboolean gvir_sandbox_config_get_security_dynamic(GVirSandboxConfig *config);
void gvir_sandbox_config_set_security_required(GVirSandboxConfig *config, gboolean required);
gboolean gvir_sandbox_config_get_security_required(GVirSandboxConfig *config);
void gvir_sandbox_config_set_seccomp(GVirSandboxConfig *config, gboolean seccomp);
gboolean gvir_sandbox_config_get_seccomp(GVirSandboxConfig *config);

gchar **gvir_sandbox_config_get_command(GVirSandboxConfig *config);

G_END_DECLS
