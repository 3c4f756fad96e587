/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Each adds the tests of its file. */
void test_life_add(void);
/* What the process does that it starts; does not return. */
void test_life_exit_while_probing(const gchar *root);
void test_streams_add(void);
void test_attached_add(void);
/* What the process does that test_attached starts. */
void test_attached_run(const gchar *what, const gchar *name);
void test_old_style_add(void);
void test_run_add(void);
