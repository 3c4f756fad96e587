/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bin/options/time-span.h"

#include <string.h>

static const struct {
    const gchar *name;
    gdouble seconds;
} units[] = {
    { "", 1 },        { "ms", 0.001 },  { "msec", 0.001 }, { "s", 1 },       { "sec", 1 },      { "second", 1 },
    { "seconds", 1 }, { "m", 60 },      { "min", 60 },     { "minute", 60 }, { "minutes", 60 }, { "h", 3600 },
    { "hr", 3600 },   { "hour", 3600 }, { "hours", 3600 }, { "d", 86400 },   { "day", 86400 },  { "days", 86400 },
};

static const gchar *
skip_spaces(const gchar *text)
{
    return text + strspn(text, " ");
}

/* Of the unit that @text begins with, @length characters of it; 0 if there is no such unit. */
static gdouble
unit_seconds(const gchar *text, gsize length)
{
    for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
        if (strlen(units[i].name) == length && strncmp(units[i].name, text, length) == 0)
            return units[i].seconds;
    }
    return 0;
}

/* One number and its unit, after which it leaves @text; FALSE if that is not what there is. */
static gboolean
parse_part(const gchar **text, gdouble *seconds)
{
    gsize digits = strspn(*text, "0123456789.");
    g_autofree gchar *number = g_strndup(*text, digits);
    gchar *end;
    gdouble count = g_ascii_strtod(number, &end);
    const gchar *unit = skip_spaces(*text + digits);
    gsize length = 0;
    gdouble of_unit;

    if (end == number || *end)
        return FALSE;
    while (g_ascii_isalpha(unit[length]))
        length++;
    of_unit = unit_seconds(unit, length);
    *text = skip_spaces(unit + length);
    *seconds += count * of_unit;
    return of_unit > 0;
}

gboolean
time_span_parse(const gchar *text, gdouble *seconds)
{
    *seconds = 0;
    text = skip_spaces(text);
    do {
        if (!parse_part(&text, seconds))
            return FALSE;
    } while (*text);
    return *seconds <= TIME_SPAN_MAX;
}
