/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <libintl.h>

/* The library must not change its caller's text domain, so it names its own each time. */
#define _(text) dgettext(GETTEXT_PACKAGE, text)
#define N_(text) (text)
