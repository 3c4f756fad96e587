/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <fcntl.h>
#include <glib.h>

/*
 * Locks on single bytes of a file, of an open file description: they go with its last descriptor. Who may only
 * read the file can set F_RDLCK, but not F_WRLCK. None of this waits.
 */

/* @type: F_RDLCK, F_WRLCK or F_UNLCK. A file system without locks has none to respect: TRUE. */
gboolean gvir_sandbox_file_lock(int fd, short type, off_t byte);

/* What somebody else has set there: F_RDLCK, F_WRLCK or F_UNLCK. */
short gvir_sandbox_file_lock_of_others(int fd, off_t byte);
