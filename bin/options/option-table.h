/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bin/options/options.h"

/* How often an option may be given, and what its field in Options is. */
typedef enum {
    OPTION_SWITCH,         /* gboolean: without a value */
    OPTION_TEXT,           /* gchar *: the last value counts */
    OPTION_PATH,           /* gchar *: the same, applied as an absolute path */
    OPTION_TEXTS,          /* gchar **: all values */
    OPTION_OPTIONAL,       /* OptionalText: the value may be left out, the last one counts */
    OPTION_OPTIONAL_TEXTS, /* gchar **: all values, "." where one is left out */
} OptionKind;

/* When an option is applied to the description: each step builds on those before it. */
typedef enum {
    OPTION_STEP_NEVER, /* says how to run, not what */
    OPTION_STEP_BASE,
    OPTION_STEP_USER,  /* is looked up in the root and its mounts */
    OPTION_STEP_HOME,  /* is the user's */
    OPTION_STEP_SHARE, /* is not in a private home */
    OPTION_N_STEPS,
} OptionStep;

typedef gboolean (*OptionParse)(GVirSandboxConfig *config, const gchar *value, GError **error);
typedef gboolean (*OptionApply)(GVirSandboxConfig *config, const Options *options, GError **error);

/*
 * An option of the command line. Its value is copied to @property, unless @parse is given, which is called with each
 * value (NULL where there is none), or @apply, which is called once. Errors begin with the name of the option or of
 * the property.
 */
typedef struct {
    const gchar *name;
    gchar letter; /* '\0': none */
    OptionKind kind;
    gsize field;           /* its offset in Options */
    const gchar *help;     /* NULL: not in the help */
    const gchar *argument; /* what the help calls the value */
    OptionStep step;
    const gchar *property; /* of the description; NULL: none is like it */
    OptionParse parse;
    OptionApply apply;
} Option;

/* In the order of the help; ends with one without a name. */
extern const Option option_table[];

/* The option of the long name @name, or NULL. */
const Option *option_table_find(const gchar *name);

/* Where @options keep what was given for @option. */
gpointer option_table_get_field(const Option *option, const Options *options);

/* The long name of the option that sets what the library calls @property, or NULL if none does. */
const gchar *options_name_for_property(const gchar *property);
