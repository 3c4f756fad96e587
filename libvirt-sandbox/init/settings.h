/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The manifest, checked, in the form in which the steps need it. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "libvirt-sandbox/guest/frame.h"
#include "libvirt-sandbox/guest/manifest.h"

struct settings {
    struct guest_manifest manifest;
    bool machine; /* else a container */
    bool debug;
    bool privileged;
    const char *overlay; /* where its layers are: a directory of the first root, a disk, or "" for memory; NULL: none */
    const char *changes; /* "list", "tar" or NULL */
    void *filter;        /* of the program's system calls, or NULL */
    size_t filter_length;
    bool tty;
    bool terminal[GUEST_STREAM_COUNT]; /* which of the descriptors 0 to 2 are the terminal */
    bool keys;                         /* somebody types on it, and it controls the program's session */
    bool service;
    const char *runtime_directory; /* of the program's session, or NULL */
    uid_t uid;
    gid_t gid;
    const char *user;
    const char *home;
    const char *hostname;
    const char *workdir;
    bool workdir_optional;
    const char *shell;
    char **arguments;
    char **environment;
};

/* The program's PATH, unless the manifest sets another. */
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* Also opens the channel of a container, so that the host learns of a broken manifest. */
void settings_read(struct settings *settings);
