/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The longest span, some 31 years. */
#define TIME_SPAN_MAX 1e9

/*
 * How many seconds @text stands for: numbers with units, added up as systemd does ("90", "5min", "1h 30m", "1.5s",
 * "200ms"); a number without a unit is seconds. FALSE for anything else, for nothing at all and for more than
 * TIME_SPAN_MAX.
 */
gboolean time_span_parse(const gchar *text, gdouble *seconds);
