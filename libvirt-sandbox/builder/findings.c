/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/findings-private.h"
#include "libvirt-sandbox/builder/finding-private.h"
#include "libvirt-sandbox/util/helper-private.h"
#include "libvirt-sandbox/config/format/size-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* In less nothing can be made at all. */
#define ROOM_LEAST (G_GUINT64_CONSTANT(1) << 20)

void
gvir_sandbox_findings_add(GList **findings, GVirSandboxFindingLevel level, const gchar *remedy, const gchar *what,
                          const gchar *format, ...)
{
    GVirSandboxFinding *finding;
    g_autofree gchar *detail = NULL;
    va_list args;

    va_start(args, format);
    detail = g_strdup_vprintf(format, args);
    va_end(args);
    finding = gvir_sandbox_finding_new(level, what, detail);
    gvir_sandbox_finding_set_remedy(finding, remedy);
    *findings = g_list_append(*findings, finding);
}

void
gvir_sandbox_findings_add_error(GList **findings, const gchar *what, const GError *error)
{
    for (GList *link = *findings; link; link = link->next) {
        if (g_str_equal(gvir_sandbox_finding_get_detail(link->data), error->message))
            return;
    }
    gvir_sandbox_findings_add(findings, GVIR_SANDBOX_FINDING_LEVEL_FAIL, gvir_sandbox_error_get_remedy(error), what,
                              "%s", error->message);
}

/* The part of @path that is there already. */
static gchar *
find_existing(const gchar *path)
{
    gchar *existing = g_strdup(path);

    while (!g_str_equal(existing, "/") && !g_str_equal(existing, ".") && access(existing, F_OK) < 0 &&
           errno == ENOENT) {
        gchar *above = g_path_get_dirname(existing);

        g_free(existing);
        existing = above;
    }
    return existing;
}

static void
add_room(GList **findings, const gchar *what, const gchar *path, const gchar *existing, guint64 wanted)
{
    struct statvfs room;
    g_autofree gchar *wanted_text = gvir_sandbox_size_show(wanted);
    g_autofree gchar *free_text = NULL;
    guint64 available;

    if (statvfs(existing, &room) < 0) {
        gvir_sandbox_findings_fail(findings, what, "%s: %s", existing, g_strerror(errno));
        return;
    }
    available = (guint64)room.f_bavail * room.f_frsize;
    free_text = gvir_sandbox_size_show(available);
    if (available >= wanted)
        gvir_sandbox_findings_pass(findings, what, _("%s, %s free"), path, free_text);
    else if (available >= ROOM_LEAST)
        gvir_sandbox_findings_warn(findings, what, _("%s: only %s free, and up to %s is needed; make room"), path,
                                   free_text, wanted_text);
    else
        gvir_sandbox_findings_fail(findings, what, _("%s: only %s free, which is too little; make room"), path,
                                   free_text);
}

void
gvir_sandbox_findings_add_directory(GList **findings, const gchar *what, const gchar *path, guint64 wanted)
{
    g_autofree gchar *existing = find_existing(path);
    gboolean is_directory = g_file_test(existing, G_FILE_TEST_IS_DIR);

    if (is_directory && access(existing, W_OK | X_OK) == 0) {
        add_room(findings, what, path, existing, wanted);
        return;
    }
    if (!is_directory)
        errno = ENOTDIR;
    gvir_sandbox_findings_fail(findings, what, _("%s cannot be written to: %s: %s"), path, existing, g_strerror(errno));
}

void
gvir_sandbox_findings_add_init(GList **findings)
{
    g_autoptr(GError) error = NULL;
    g_autofree gchar *init = gvir_sandbox_helper_find("libvirt-sandbox-init", &error);

    if (init)
        gvir_sandbox_findings_pass(findings, _("init"), "%s", init);
    else
        gvir_sandbox_findings_add_error(findings, _("init"), error);
}

void
gvir_sandbox_findings_free(GList *findings)
{
    g_list_free_full(findings, g_object_unref);
}
