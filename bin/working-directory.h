/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/libvirt-sandbox.h>

/* @path as it is from here. */
gchar *working_directory_make_absolute(const gchar *path);

/* Whether @path, which is absolute, is in the sandbox what it is on the host. */
gboolean working_directory_shows(GVirSandboxConfig *config, const gchar *path);

/*
 * The directory that we were started in, if the sandbox that @config describes shows it in the same place:
 * from the host's root, or in a host-bind of it. NULL if it does not, or shows something else there.
 */
gchar *working_directory_find(GVirSandboxConfig *config);
/* The same, if it is in a host-bind. */
gchar *working_directory_find_shared(GVirSandboxConfig *config);
