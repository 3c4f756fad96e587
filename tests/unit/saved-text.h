/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/libvirt-sandbox.h"

/* The least that a saved description must have before anything else is looked at. */
#define SAVED_START "[api]\nclass=GVirSandboxConfigInteractive\n[core]\nname=n\n"
#define SAVED_COMMAND "[command]\nargv.0=/bin/true\n"

/* @text loads. */
GVirSandboxConfig *saved_text_load(const gchar *text);

/* @text is refused with just this message. */
void saved_text_refuse(const gchar *text, const gchar *message);

/* @config saves, loads, and saves as the same text, which is returned. */
gchar *saved_text_round_trip(GVirSandboxConfig *config);

/* @error is one of ours with this code, and one line; it is freed. */
void assert_one_clear_error(GError *error, gint code);

/* ... and says just this. */
void assert_invalid(GError *error, const gchar *message);
