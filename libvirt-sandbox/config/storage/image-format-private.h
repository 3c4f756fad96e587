/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/format/vdi-private.h"

/*
 * The format of the image PATH: what its content says, and its suffix. Where the two disagree that is an
 * error and not a guess: a guest that wrote the header of another format to its raw disk would
 * otherwise have the host open any file that the header names. An image that names another file is never
 * guessed at all.
 */
gboolean gvir_sandbox_image_format_guess(const gchar *path, GVirConfigDomainDiskFormat *format, GError **error);

/* The format that OPTIONS ("format=FORMAT" and nothing else) say, and where they do not, the guess. */
gboolean gvir_sandbox_image_format_from_options(gchar **options, const gchar *path, GVirConfigDomainDiskFormat *format,
                                                GError **error);
