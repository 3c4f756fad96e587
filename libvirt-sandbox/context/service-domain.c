/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/service-domain-private.h"
#include "libvirt-sandbox/util/trusted-directory-private.h"
#include "libvirt-sandbox/context/creation-private.h"
#include "libvirt-sandbox/context/leftover/leftover-private.h"
#include "libvirt-sandbox/context/state-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/libvirt/handle-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/libvirt/driver-private.h"
#include "libvirt-sandbox/builder/builder.h"

#include <string.h>
#include <unistd.h>

#define BASE_NAME "libvirt-sandbox"

/* One for each driver, as each has names of its own. */
static gchar *
choose_base(GVirConnection *connection, GError **error)
{
    g_autoptr(GVirSandboxDriver) driver = gvir_sandbox_driver_of_connection(connection, error);
    g_autofree gchar *name = NULL;

    if (!driver)
        return NULL;
    if (gvir_sandbox_driver_is_embedded(driver)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("an embedded driver keeps no domains; use a daemon's, such as qemu:///session"));
        return NULL;
    }
    name = g_strdup_printf("%s-%s", driver->driver, g_str_equal(driver->path, "session") ? "session" : "system");
    if (geteuid() == 0)
        return g_build_filename("/var/lib", BASE_NAME, name, NULL);
    return g_build_filename(g_get_user_data_dir(), BASE_NAME, name, NULL);
}

/* As with running sandboxes: QEMU's user must be able to pass through. */
static GVirSandboxState *
lock_directory(GVirConnection *connection, const gchar *name, GError **error)
{
    g_autofree gchar *base = choose_base(connection, error);
    int fd;

    if (!base)
        return NULL;
    fd =
        gvir_sandbox_trusted_directory_open(base, GVIR_SANDBOX_TRUSTED_MAKE, geteuid() == 0 ? 0711 : 0700, NULL, error);
    if (fd < 0)
        return NULL;
    close(fd);
    return gvir_sandbox_state_lock(base, name, error);
}

static virDomainPtr
look_up(GVirConnection *connection, const gchar *name)
{
    g_autoptr(virConnect) handle = gvir_sandbox_connection_handle(connection);

    return virDomainLookupByName(handle, name);
}

/* No other domain has anything in the directory. */
static gboolean
is_ours(virDomainPtr domain, const gchar *path)
{
    char *xml = virDomainGetXMLDesc(domain, VIR_DOMAIN_XML_INACTIVE);
    g_autofree gchar *below = g_strconcat(path, "/", NULL);
    g_autofree gchar *escaped = g_markup_escape_text(below, -1);
    gboolean ours = xml && strstr(xml, escaped) && virDomainIsPersistent(domain) == 1;

    free(xml);
    return ours;
}

gboolean
gvir_sandbox_service_domain_exists(GVirConnection *connection, const gchar *name)
{
    g_autofree gchar *base = choose_base(connection, NULL);
    g_autofree gchar *path = base ? g_build_filename(base, name, NULL) : NULL;
    g_autoptr(virDomain) domain = path ? look_up(connection, name) : NULL;

    return domain && is_ours(domain, path);
}

static gboolean
define_in(GVirConnection *connection, GVirSandboxConfig *config, GVirSandboxBuilder *builder, GVirSandboxState *state,
          GError **error)
{
    g_autoptr(virConnect) handle = gvir_sandbox_connection_handle(connection);
    g_autoptr(virDomain) domain = NULL;
    g_autofree gchar *xml = NULL;

    if (!gvir_sandbox_state_make(state, error))
        return FALSE;
    xml = gvir_sandbox_creation_describe(builder, config, gvir_sandbox_state_get_path(state), error);
    if (!xml)
        return FALSE;
    domain = virDomainDefineXML(handle, xml);
    if (!domain)
        gvir_sandbox_handle_set_error(error, _("cannot define the service"));
    return domain != NULL;
}

gboolean
gvir_sandbox_service_domain_define(GVirConnection *connection, GVirSandboxConfig *config, GVirSandboxBuilder *builder,
                                   GError **error)
{
    const gchar *name = gvir_sandbox_config_get_name(config);
    GVirSandboxState *state = lock_directory(connection, name, error);
    g_autoptr(virDomain) present = state ? look_up(connection, name) : NULL;
    gboolean defined;

    if (!state)
        return FALSE;
    if (present) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_BUSY,
                    _("a sandbox named %s is defined or running already"), name);
        gvir_sandbox_state_leave(state);
        return FALSE;
    }
    g_object_set(builder, "lasting", TRUE, NULL);
    defined = define_in(connection, config, builder, state, error);
    if (defined)
        gvir_sandbox_state_leave(state);
    else
        gvir_sandbox_state_free(state);
    return defined;
}

/* A domain that somebody undefined without us has left its directory. */
static gboolean
undefine_domain(GVirConnection *connection, const gchar *name, const gchar *path, GError **error)
{
    g_autoptr(virDomain) domain = look_up(connection, name);

    if (!domain) {
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            return TRUE;
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND, _("no service named %s"), name);
        return FALSE;
    }
    if (!is_ours(domain, path) || virDomainIsActive(domain) != 0) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE,
                    is_ours(domain, path) ? _("the service %s is running; stop it first")
                                          : _("the domain %s was not defined as a service of sandboxes"),
                    name);
        return FALSE;
    }
    if (virDomainUndefine(domain) == 0)
        return TRUE;
    gvir_sandbox_handle_set_error(error, _("cannot undefine the service %s"), name);
    return FALSE;
}

gboolean
gvir_sandbox_service_domain_undefine(GVirConnection *connection, const gchar *name, GError **error)
{
    GVirSandboxState *state = lock_directory(connection, name, error);

    if (!state)
        return FALSE;
    if (undefine_domain(connection, name, gvir_sandbox_state_get_path(state), error)) {
        gvir_sandbox_state_free(state);
        /* It may have been ended by others. */
        if (!gvir_sandbox_leftover_container_runs(name))
            gvir_sandbox_leftover_clear_container(name);
        return TRUE;
    }
    gvir_sandbox_state_leave(state);
    return FALSE;
}
