/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/user-places-private.h"
#include "libvirt-sandbox/util/trusted-directory-private.h"
#include "libvirt-sandbox/context/state-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/host-user-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <unistd.h>

/* In the state directory. No sandbox's name begins with a dot. */
#define HOME_NAME ".home"
#define RUNTIME_NAME "run"
#define CACHE_NAME ".cache"

/* As GLib has it, an empty variable is as good as none. */
static const gchar *
get_variable(const gchar *name)
{
    const gchar *value = g_getenv(name);

    return value && *value ? value : NULL;
}

static gboolean
is_usable(const gchar *path, GVirSandboxTrustedFlags flags)
{
    g_autoptr(GError) obstacle = NULL;
    int fd = g_path_is_absolute(path) ? gvir_sandbox_trusted_directory_open(path, flags, 0700, NULL, &obstacle) : -1;
    gboolean usable = fd >= 0 && access(path, W_OK | X_OK) == 0;

    if (fd >= 0)
        close(fd);
    if (!usable)
        g_info(_("%s cannot be used: %s"), path, obstacle ? obstacle->message : _("it cannot be written to"));
    return usable;
}

/* What is ours in it shall be usable, too, and not be left by root, say. */
static gboolean
is_usable_cache(const gchar *path)
{
    g_autofree gchar *ours = g_build_filename(path, PACKAGE_NAME, NULL);

    return is_usable(ours, GVIR_SANDBOX_TRUSTED_MAKE) && access(path, W_OK | X_OK) == 0;
}

static gboolean
has_usable_cache(const gchar *home)
{
    g_autofree gchar *cache = home ? g_build_filename(home, CACHE_NAME, NULL) : NULL;

    return cache && is_usable_cache(cache);
}

/* GLib asks for the variable once, and keeps what it then says. The caller's programs see it as it was. */
static void
say_once(const gchar *variable, const gchar *path, const gchar *(*ask)(void))
{
    g_autofree gchar *before = g_strdup(g_getenv(variable));

    g_setenv(variable, path, TRUE);
    ask();
    if (before)
        g_setenv(variable, before, TRUE);
    else
        g_unsetenv(variable);
}

static gboolean
put_at(const gchar *path, const gchar *variable, const gchar *(*ask)(void), GError **error)
{
    int fd = gvir_sandbox_trusted_directory_open(path, GVIR_SANDBOX_TRUSTED_MAKE, 0700, NULL, error);

    if (fd < 0)
        return FALSE;
    close(fd);
    say_once(variable, path, ask);
    if (!g_str_equal(ask(), path)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE,
                    _("%s: this process has used another place already; set %s to a directory that can be written to"),
                    path, variable);
        return FALSE;
    }
    g_info(_("%s is used instead"), path);
    return TRUE;
}

static gboolean
put_below(const gchar *base, gboolean cache, gboolean runtime, GError **error)
{
    g_autofree gchar *cache_path = g_build_filename(base, HOME_NAME, CACHE_NAME, NULL);
    g_autofree gchar *runtime_path = g_build_filename(base, HOME_NAME, RUNTIME_NAME, NULL);

    return (!cache || put_at(cache_path, "XDG_CACHE_HOME", g_get_user_cache_dir, error)) &&
           (!runtime || put_at(runtime_path, "XDG_RUNTIME_DIR", g_get_user_runtime_dir, error));
}

static gboolean
settle(GError **error)
{
    const gchar *runtime = get_variable("XDG_RUNTIME_DIR");
    const gchar *named_cache = get_variable("XDG_CACHE_HOME");
    g_autofree gchar *home = gvir_sandbox_host_user_home();
    g_autofree gchar *base = NULL;
    gboolean cache_usable = named_cache ? is_usable_cache(named_cache) : has_usable_cache(home);
    gboolean runtime_usable = runtime ? is_usable(runtime, 0) : cache_usable;

    if (runtime_usable && (cache_usable || named_cache))
        return TRUE;
    base = gvir_sandbox_state_get_base(error);
    return base && put_below(base, !cache_usable && !named_cache, !runtime_usable, error);
}

/* And for what is below it; cache and runtime directory have places of their own. */
static const gchar *
ask_for_home(void)
{
    g_get_user_config_dir();
    g_get_user_data_dir();
    g_get_user_state_dir();
    return g_get_home_dir();
}

void
gvir_sandbox_user_places_settle_home(void)
{
    g_autofree gchar *home = gvir_sandbox_host_user_home();

    if (!home)
        say_once("HOME", "/", ask_for_home);
}

gboolean
gvir_sandbox_user_places_settle(GError **error)
{
    static GMutex lock;
    static gboolean settled;
    gboolean good;

    if (geteuid() == 0)
        return TRUE;
    g_mutex_lock(&lock);
    settled = settled || settle(error);
    good = settled;
    g_mutex_unlock(&lock);
    return good;
}
