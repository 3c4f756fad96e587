/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/util/string-map-private.h"

/* What a description holds. A plain setting has a field here and a row in the table of settings.c. */
typedef struct {
    gchar *name;
    gchar *hostname;
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
    gint virt_type;
    gchar *workdir;
    gboolean workdir_optional;
    guint64 timeout;
    gboolean overlay;
    gchar *overlay_dir;
    gchar *changes;
    GPtrArray *hidden;
    gboolean private_home;
    guint64 home_size;
    gboolean hide_secrets;

    guint uid;
    guint gid;
    gchar *username;
    gchar *homedir;
    gboolean privileged;

    gchar *security_label;
    gboolean security_dynamic;
    gboolean security_required;
    gboolean seccomp;

    /* A value that the caller did not ask for is not saved: it is chosen anew each time. */
    gboolean name_asked;
    gboolean arch_asked;
    gboolean identity_asked;
    gboolean privileged_asked;

    /* From the path below the private home to the file of the host. */
    GVirSandboxStringMap *home_includes;
    /* What the lists of the host name for this description, once a builder has looked; else NULL. */
    GStrv secrets;
    GStrv toolchains;

    /* Of the file of a later version. */
    GStrv not_understood;

    GPtrArray *mounts;
    /* From the canonical target, which a mount keeps for its life, to the last mount on it, which covers the others. */
    GHashTable *targets;
    GPtrArray *disks;
    /* The tags of the disks. */
    GHashTable *tags;
    GPtrArray *networks;
    GVirSandboxStringMap *envs;
} GVirSandboxConfigPrivate;
