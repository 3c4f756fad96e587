/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* @message with the option that is for @property, which the library names where another value of it helps; or NULL. */
gchar *option_remedy_explain(const gchar *message, const gchar *property);
