/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/stat.h>

/*
 * A directory whose content is believed: state, caches, settings. Another user who can change it, or put
 * another in its place, would have a say in what we do.
 *
 * Root believes a path if each of its directories belongs to root and cannot be written by others, but for
 * one with the sticky bit, /tmp say, as long as what is taken from it is root's. Another user believes the
 * directory itself if it is his or root's and cannot be written by others, and the directories above as long
 * as not everybody can exchange what is in them. A group that is only the user himself is no other.
 */

typedef enum {
    GVIR_SANDBOX_TRUSTED_MAKE = 1 << 0,   /* make what is missing of the path */
    GVIR_SANDBOX_TRUSTED_SHARED = 1 << 1, /* others may have files of theirs in it, by the sticky bit */
    /* What is in it is not believed, only that it is the one that is meant: others may write to it, and the
     * directories above must be the caller's or root's for everybody. */
    GVIR_SANDBOX_TRUSTED_OWNER = 1 << 2,
} GVirSandboxTrustedFlags;

/*
 * Opens @path for looking up what is below (O_PATH), and sets *@resolved, unless it is NULL, to the same path
 * without symbolic links. Every component is taken from the descriptor of the one before. What is made has
 * @mode, which for root the umask does not narrow, as QEMU's user has to pass. -1 with @error: DENIED for what
 * cannot be trusted, else as the system says.
 */
int gvir_sandbox_trusted_directory_open(const gchar *path, GVirSandboxTrustedFlags flags, mode_t mode, gchar **resolved,
                                        GError **error);

/* The same, closed again: whether it is trusted, or, if @missing_is_good, would be once it is made. */
gboolean gvir_sandbox_trusted_directory_check(const gchar *path, gboolean missing_is_good, GError **error);

/* Whether @status, of a file in a trusted directory called @path, is the caller's or root's, and nobody
 * else can write it. */
gboolean gvir_sandbox_trusted_file_check(const struct stat *status, const gchar *path, GError **error);
