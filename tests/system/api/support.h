/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/libvirt-sandbox.h>

/* What the tests of the library share. DRIVER in the environment says with which driver they run. */

/* No wait of a test is longer, however busy the machine is. */
#define LIMIT_SECONDS 240

/* An open connection, always the same. */
GVirConnection *support_connection(void);
gboolean support_is_container(void);

/* A context for a shell script, not started; @name may be NULL. */
GVirSandboxContext *support_context(const gchar *name, const gchar *script);

/* One program on its way: its console joined to pipes of ours, all in a main context of its own. */
typedef struct {
    GMainContext *main_context;
    GVirSandboxContext *context;
    GVirSandboxConsole *console;
    GInputStream *output; /* our ends */
    GInputStream *errors;
    GOutputStream *input;
    int exits; /* how often the console said so */
    int closes;
    int status;
    gboolean closed_early;
    GError *failure;
} Program;

/* Starts @context and attaches the console of its program. */
Program *program_new(GVirSandboxContext *context);
/* The same in the default main context, for who needs that one too. */
Program *program_new_in_default(GVirSandboxContext *context);
/* Runs the main context until the program has written something, which is left where it is. */
void program_await_output(Program *program);
/* Runs the main context until the console is closed. */
void program_finish(Program *program);
/* All that comes from a stream, while the main context runs; free with g_free(). */
gchar *program_read_all(Program *program, GInputStream *stream);
void program_write(Program *program, const gchar *text);
void program_free(Program *program);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Program, program_free)

/* Runs @main_context until @done says so; fails the test when that takes too long. */
typedef gboolean (*SupportCondition)(gpointer user_data);
void support_run_until(GMainContext *main_context, SupportCondition done, gpointer user_data);

/* Whether a process was started with that in its arguments. */
gboolean support_is_in_a_command_line(const gchar *text);
/* Whether there is anything of the sandbox on the host. */
gboolean support_is_left(const gchar *name);
guint support_count_descriptors(void);
