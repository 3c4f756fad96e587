/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/config.h"
#include "libvirt-sandbox/config/format/keyfile-private.h"
#include "libvirt-sandbox/util/string-map-private.h"

/* What all the files of the class see. */
typedef struct {
    /* What nobody asked for is not saved: it is chosen anew each time. */
    gboolean name_asked;
    gboolean arch_asked;
    gboolean identity_asked;

    gchar *name;
    gchar *uuid;
    gchar *root;
    gchar *arch;
    gchar *kernrelease;
    gchar *kernpath;
    gchar *kmodpath;
    gboolean shell;
    gboolean debug;
    gboolean verbose;
    guint64 memory;
    guint cpus;
    GVirSandboxConfigVirtType virt_type;
    gchar *workdir;
    gboolean workdir_optional;
    guint64 timeout;
    gboolean overlay;
    gchar *overlay_dir;
    gchar *changes;

    guint uid;
    guint gid;
    gchar *username;
    gchar *homedir;
    gboolean privileged;
    gboolean private_home;
    guint64 home_size;
    /* From the path below it to the file of the host. */
    GVirSandboxStringMap *home_includes;
    gboolean hide_secrets;
    /* What the host's lists come to for this description, once a builder has looked; else NULL. */
    GStrv secrets;
    GStrv toolchains;

    gchar *security_label;
    gboolean security_dynamic;
    gboolean security_asked;
    gboolean seccomp;

    GPtrArray *mounts;
    /* From the canonical target, which a mount keeps for its life, to the first mount on it. */
    GHashTable *targets;
    GPtrArray *disks;
    /* The tags of the disks. */
    GHashTable *tags;
    GPtrArray *networks;
    GVirSandboxStringMap *envs;
    GPtrArray *hidden;
} GVirSandboxConfigPrivate;

GVirSandboxConfigPrivate *gvir_sandbox_config_get_private(GVirSandboxConfig *config);

/* The saved description that @data is, whatever bytes these are. */
GVirSandboxConfig *gvir_sandbox_config_load_from_bytes(const gchar *data, gsize length, GError **error);

/*
 * Whether the whole description can be meant: what the setters, which cannot fail, let pass is
 * found here. The message names the thing and its key.
 */
gboolean gvir_sandbox_config_check(GVirSandboxConfig *config, GError **error);

/* The settings of the groups [core] and [identity]; messages name the key. */
gboolean gvir_sandbox_config_check_core(GVirSandboxConfig *config, GError **error);
gboolean gvir_sandbox_config_check_identity(GVirSandboxConfig *config, GError **error);
gboolean gvir_sandbox_config_check_memory(guint64 memory, GError **error);
/* Whether a dynamic label was asked for by name, and is more than what every sandbox has. */
gboolean gvir_sandbox_config_get_security_asked(GVirSandboxConfig *config);
/* The name of an environment variable. */
gboolean gvir_sandbox_config_check_env(const gchar *key, GError **error);

/* The program's home directory: with a private home one that can be private. */
gchar *gvir_sandbox_config_dup_home(GVirSandboxConfig *config);
/* What is copied into the private home: from the path below it to the file of the host. */
GHashTable *gvir_sandbox_config_get_home_includes(GVirSandboxConfig *config);

/* Whether there is a mount of this target, or a disk of this tag, already. */
gboolean gvir_sandbox_config_check_new_target(GVirSandboxConfig *config, const gchar *target, GError **error);
gboolean gvir_sandbox_config_check_new_tag(GVirSandboxConfig *config, const gchar *tag, GError **error);
