/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The options of a command line: pieces with commas between them. A comma that belongs to a piece is written "\,". */
gchar **gvir_sandbox_option_split(const gchar *text);

/* The "=" that ends the name at the start of @text, which is put in *LEFT, or NULL without one (*LEFT is all of it
 * then). One that belongs to the name is written "\=". */
const gchar *gvir_sandbox_option_find_equals(const gchar *text, gchar **left);

/* TYPE:TARGET=SOURCE[,OPTION...] */
typedef struct {
    gchar *type;
    gchar *target;
    gchar *source;
    gchar **options;
} GVirSandboxOption;

/* EXPECTED is the form that the message names. */
GVirSandboxOption *gvir_sandbox_option_parse(const gchar *text, const gchar *expected, GError **error);
void gvir_sandbox_option_free(GVirSandboxOption *option);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxOption, gvir_sandbox_option_free)

/* Sets @error to an option that is not known here; always FALSE. */
gboolean gvir_sandbox_option_unknown(const gchar *option, GError **error);

/* Puts "KIND TEXT: " before the message of @error; always FALSE. */
gboolean gvir_sandbox_option_prefix(GError **error, const gchar *kind, const gchar *text);
