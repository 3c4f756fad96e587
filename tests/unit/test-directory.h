/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A directory of a test's own. */
typedef struct {
    gchar *path;
} TestDirectory;

TestDirectory *test_directory_new(void);

/* Writes the file @name in it, with the directories above. */
void test_directory_write(TestDirectory *directory, const gchar *name, gconstpointer data, gsize length);

/* Removes it with all that is in it. */
void test_directory_free(TestDirectory *directory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TestDirectory, test_directory_free)
