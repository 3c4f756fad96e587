/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/libvirt-sandbox.h>

/* The value of an option that may be without one. */
typedef struct {
    gboolean given;
    gchar *text; /* NULL: it was left out */
} OptionalText;

/* The command line of virt-sandbox. */
typedef struct {
    gchar *connect;
    gchar *name;
    gchar *hostname;
    gchar *root;
    OptionalText overlay;
    gchar *changes;
    gchar **hidden;
    gboolean hide_secrets;
    OptionalText home;
    gchar **disks;
    gchar **mounts;
    gchar **includes;
    gchar *include_file;
    gchar **environment;
    gchar **environment_files;
    gchar **shares;
    gchar *directory;
    gchar **networks;
    gchar *security;
    gboolean privileged;
    gchar *user;
    gchar *memory;
    gchar *cpus;
    gchar *timeout;
    gboolean tty;
    gboolean no_tty;
    gboolean no_stdin;
    gboolean shell;
    gchar *kernel_release;
    gchar *kernel_path;
    gchar *kernel_modules;
    gchar *virt_type;
    gchar *config_file;
    gchar *save_file;
    gchar *qemu_user;
    gchar *status_fd;
    gboolean print_xml;
    gboolean validate;
    gboolean json;
    gboolean verbose;
    gboolean debug;
    gboolean version;
    gboolean ignored;
    gchar **command;
} Options;

/* Parses; NULL with one line in @error. Prints the help and ends for --help. */
Options *options_parse(char **argv, GError **error);
void options_free(Options *options);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Options, options_free)
