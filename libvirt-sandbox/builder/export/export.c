/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/export/export-private.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/builder/export/export-covers-private.h"
#include "libvirt-sandbox/util/helper-private.h"
#include "libvirt-sandbox/builder/home/home-private.h"
#include "libvirt-sandbox/builder/export/machine-export-private.h"
#include "libvirt-sandbox/builder/root/root-mount-private.h"
#include "libvirt-sandbox/builder/security/security-label-private.h"
#include "libvirt-sandbox/libvirt/virtualization-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/libvirt/driver-private.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOLDER "libvirt-sandbox-export"
#define PATIENCE_MSEC 30000
#define ANSWER_MAX 8192
#define REFUSED "refused "

struct _GVirSandboxExport {
    gchar *directory;
    gchar *obstacle;
    GPid holder; /* 0: none */
    int socket;
};

/* --- the process that holds the trees ---------------------------------------------------------- */

static void
end_holder(GVirSandboxExport *export)
{
    if (export->socket >= 0)
        close(export->socket);
    export->socket = -1;
    if (export->holder == 0)
        return;
    kill(export->holder, SIGKILL);
    while (waitpid(export->holder, NULL, 0) < 0 && errno == EINTR)
        ;
    export->holder = 0;
}

static gboolean
start_holder(GVirSandboxExport *export, GError **error)
{
    g_autofree gchar *program = gvir_sandbox_helper_find(HOLDER, error);
    const gchar *arguments[] = { program, NULL };
    int ends[2];
    gboolean started;

    if (!program)
        return FALSE;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", program);
        return FALSE;
    }
    started =
        g_spawn_async_with_fds(NULL, (gchar **)arguments, NULL, G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_DO_NOT_REAP_CHILD,
                               NULL, NULL, &export->holder, ends[1], -1, -1, error);
    close(ends[1]);
    export->socket = ends[0];
    return started;
}

static gboolean
send_all(int fd, const gchar *data, gsize length, GError **error)
{
    while (length > 0) {
        ssize_t count = send(fd, data, length, MSG_NOSIGNAL);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0) {
            gvir_sandbox_error_set_errno(error, errno, "%s", HOLDER);
            return FALSE;
        }
        data += count;
        length -= (gsize)count;
    }
    return TRUE;
}

/* --- what is asked of it ------------------------------------------------------------------------ */

static void
append_word(GString *text, const gchar *word)
{
    g_string_append_len(text, word, (gssize)strlen(word) + 1);
}

static void
append_tree(GString *text, const gchar *tag, const gchar *source, gboolean read_only, GPtrArray *covers)
{
    append_word(text, "tree");
    append_word(text, tag);
    append_word(text, source);
    append_word(text, read_only ? "ro" : "rw");
    for (guint i = 0; covers && i < covers->len; i++) {
        append_word(text, "cover");
        append_word(text, g_ptr_array_index(covers, i));
    }
}

/* A private home covers the real one, but for its toolchains. */
static void
append_home(GString *text, GVirSandboxConfig *config)
{
    g_autofree gchar *target = gvir_sandbox_home_dup_target(config);
    const gchar *const *toolchains = gvir_sandbox_home_get_toolchains(config);

    if (!target)
        return;
    append_word(text, "cover");
    append_word(text, target);
    for (guint i = 0; toolchains[i]; i++) {
        append_word(text, "keep");
        append_word(text, toolchains[i]);
    }
}

static void
append_trees(GString *text, const GVirSandboxExportRequest *request)
{
    const GVirSandboxStorage *storage = request->storage;
    g_autofree gchar *root = gvir_sandbox_root_dup_directory(request->config);

    if (root) {
        g_autoptr(GPtrArray) covers = gvir_sandbox_export_covers_of_root(request, root);

        append_tree(text, GVIR_SANDBOX_MACHINE_ROOT_TAG, root, !gvir_sandbox_root_is_written(request->config), covers);
        append_home(text, request->config);
    }
    for (guint i = 0; i < storage->binds->len; i++) {
        const GVirSandboxStorageBind *bind = g_ptr_array_index(storage->binds, i);
        g_autoptr(GPtrArray) covers = gvir_sandbox_export_covers_of_bind(request, bind);
        g_autofree gchar *tag = gvir_sandbox_machine_export_bind_tag(i);

        append_tree(text, tag, bind->source, gvir_sandbox_machine_export_bind_is_read_only(bind), covers);
    }
    for (guint i = 0; i < storage->includes->len; i++) {
        const GVirSandboxStorageInclude *include = g_ptr_array_index(storage->includes, i);
        g_autofree gchar *tag = gvir_sandbox_machine_export_include_tag(i);

        append_tree(text, tag, include->source, TRUE, NULL);
    }
}

/* A name that nobody can guess: if the process were gone and its number used again, nothing would be found.
 */
static gchar *
choose_directory(void)
{
    return g_strdup_printf("%08x%08x%08x%08x", g_random_int(), g_random_int(), g_random_int(), g_random_int());
}

static GString *
write_request(const GVirSandboxExport *export, GVirConnection *connection, const GVirSandboxExportRequest *request)
{
    GString *text = g_string_new(NULL);
    guint uid, gid;

    append_word(text, "directory");
    append_word(text, export->directory);
    if (gvir_sandbox_virtualization_get_qemu_user(connection, &uid, &gid)) {
        g_autofree gchar *user = g_strdup_printf("%u", uid);
        g_autofree gchar *group = g_strdup_printf("%u", gid);

        append_word(text, "user");
        append_word(text, user);
        append_word(text, group);
    }
    if (request)
        append_trees(text, request);
    append_word(text, "end");
    return text;
}

/* --- whether it can be -------------------------------------------------------------------------- */

static gboolean
is_system(GVirConnection *connection)
{
    g_autoptr(GVirSandboxDriver) driver = gvir_sandbox_driver_of_connection(connection, NULL);

    return driver && g_str_equal(driver->path, "system");
}

/* What is known beforehand. */
static const gchar *
find_obstacle(GVirConnection *connection, GVirSandboxConfig *config, gboolean lasting)
{
    if (lasting)
        return _("libvirt starts it by itself");
    if (geteuid() != 0 && is_system(connection))
        return _("QEMU is another user's");
    if (gvir_sandbox_security_label_confines(connection, config))
        return _("QEMU's security label keeps it from one");
    return NULL;
}

static GVirSandboxExport *
new_export(const gchar *obstacle)
{
    GVirSandboxExport *export = g_new0(GVirSandboxExport, 1);

    export->directory = choose_directory();
    export->obstacle = g_strdup(obstacle);
    export->socket = -1;
    return export;
}

static gboolean
ask(GVirSandboxExport *export, GVirConnection *connection, const GVirSandboxExportRequest *request, GError **error)
{
    g_autoptr(GString) text = write_request(export, connection, request);

    return start_holder(export, error) && send_all(export->socket, text->str, text->len, error);
}

GVirSandboxExport *
gvir_sandbox_export_new(const GVirSandboxExportRequest *request, GError **error)
{
    g_autoptr(GVirSandboxExport) export =
        new_export(find_obstacle(request->connection, request->config, request->lasting));

    if (!export->obstacle && !ask(export, request->connection, request, error))
        return NULL;
    return g_steal_pointer(&export);
}

/* A line without its end; empty if the process ended without a word, or takes too long. */
static gchar *
read_answer(int fd)
{
    g_autoptr(GString) answer = g_string_new(NULL);
    gint64 deadline = g_get_monotonic_time() + PATIENCE_MSEC * G_TIME_SPAN_MILLISECOND;

    while (!strchr(answer->str, '\n') && answer->len < ANSWER_MAX) {
        struct pollfd ready = { .fd = fd, .events = POLLIN };
        gint64 left = (deadline - g_get_monotonic_time()) / G_TIME_SPAN_MILLISECOND;
        gchar part[512];
        ssize_t count;

        if (left <= 0 || (poll(&ready, 1, (int)left) < 0 && errno != EINTR))
            break;
        count = recv(fd, part, sizeof(part), MSG_DONTWAIT);
        if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN))
            break;
        g_string_append_len(answer, part, MAX(count, 0));
    }
    return g_strndup(answer->str, strcspn(answer->str, "\n"));
}

gboolean
gvir_sandbox_export_await(GVirSandboxExport *export, GError **error)
{
    g_autofree gchar *answer = NULL;

    if (export->holder == 0)
        return TRUE;
    answer = read_answer(export->socket);
    if (g_str_equal(answer, "ok"))
        return TRUE;
    end_holder(export);
    if (g_str_has_prefix(answer, REFUSED)) {
        export->obstacle = g_strdup(answer + strlen(REFUSED));
        return TRUE;
    }
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_FAILED,
                _("cannot make a tree of the host's files for the machine: %s"),
                g_str_has_prefix(answer, "error ") ? answer + strlen("error ") : _("no answer"));
    return FALSE;
}

const gchar *
gvir_sandbox_export_get_obstacle(const GVirSandboxExport *export)
{
    return export->obstacle;
}

gchar *
gvir_sandbox_export_path(const GVirSandboxExport *export, const gchar *tag, const gchar *source)
{
    if (export->holder == 0)
        return g_strdup(source);
    return g_strdup_printf("/proc/%d/root/%s/%s", (int)export->holder, export->directory, tag);
}

void
gvir_sandbox_export_free(GVirSandboxExport *export)
{
    end_holder(export);
    g_free(export->directory);
    g_free(export->obstacle);
    g_free(export);
}

gchar *
gvir_sandbox_export_find_obstacle(GVirConnection *connection, GVirSandboxConfig *config)
{
    g_autoptr(GVirSandboxExport) export = new_export(find_obstacle(connection, config, FALSE));
    g_autoptr(GError) error = NULL;

    if (!export->obstacle && (!ask(export, connection, NULL, &error) || !gvir_sandbox_export_await(export, &error)))
        return g_strdup(error->message);
    return g_steal_pointer(&export->obstacle);
}
