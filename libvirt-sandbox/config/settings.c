/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/settings-private.h"

#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/config/setting-kind-private.h"
#include "libvirt-sandbox/config/virt-type.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/host-user-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"
#include "libvirt-sandbox/util/host-arch-private.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#define MEMORY_LEAST (G_GUINT64_CONSTANT(1) << 20)
/* libvirt counts in KiB, in a signed number of 64 bits. */
#define MEMORY_MOST (G_GUINT64_CONSTANT(1) << 60)
/* No machine of QEMU has more. */
#define CPUS_MOST 4096
/* Of a part of a host name. */
#define LABEL_MOST 63
/* 32 years, which as microseconds are far from the end of a clock. */
#define TIMEOUT_MOST G_GUINT64_CONSTANT(1000000000000)

static void
default_name(gpointer field)
{
    *(gchar **)field = g_strdup_printf("sandbox-%08x", g_random_int());
}

static void
default_root(gpointer field)
{
    *(gchar **)field = g_strdup("/");
}

static void
default_arch(gpointer field)
{
    *(gchar **)field = gvir_sandbox_host_arch();
}

/* Root by number and name, in 0.8 the one way to say it. */
static gboolean
implied_privileged(const GVirSandboxConfigPrivate *fields)
{
    return fields->identity_asked && fields->uid == 0 && g_strcmp0(fields->username, "root") == 0;
}

static void
default_paths(gpointer field)
{
    *(GPtrArray **)field = g_ptr_array_new_with_free_func(g_free);
}

static void
default_uid(gpointer field)
{
    *(guint *)field = getuid();
}

static void
default_gid(gpointer field)
{
    *(guint *)field = getgid();
}

static void
default_username(gpointer field)
{
    *(gchar **)field = gvir_sandbox_host_user_name();
}

static void
default_homedir(gpointer field)
{
    gchar *home = gvir_sandbox_host_user_home();

    *(gchar **)field = home ? home : g_strdup("/");
}

static void
default_true(gpointer field)
{
    *(gboolean *)field = TRUE;
}

/*
 * A sandbox's name is that of its domain, so text that XML can have; of its host, which has at most 64 bytes; and
 * of its files. Among these are files of ours, which begin with a dot, and locks.
 */
static gboolean
check_name(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field, GError **error)
{
    const gchar *name = fields->name;
    g_autofree gchar *shown = NULL;

    if (!gvir_sandbox_value_check_file_name("name", name, error))
        return FALSE;
    shown = gvir_sandbox_text_show(name);
    if (!g_utf8_validate(name, -1, NULL))
        return gvir_sandbox_text_invalid(error, _("name: \"%s\" is not UTF-8 text"), shown);
    if (strlen(name) > HOST_NAME_MAX)
        return gvir_sandbox_text_invalid(error, _("name: \"%s\" is longer than %d bytes"), shown, HOST_NAME_MAX);
    if (*name == '.' || g_str_has_suffix(name, ".lock"))
        return gvir_sandbox_text_invalid(error, _("name: \"%s\" must neither begin with a dot nor end in \".lock\""),
                                         shown);
    return TRUE;
}

/* As RFC 1123 has it; what a label can have is what others can look up. */
static gboolean
is_label(const gchar *label)
{
    gsize length = strlen(label);

    if (length == 0 || length > LABEL_MOST || *label == '-' || label[length - 1] == '-')
        return FALSE;
    return strspn(label, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-") == length;
}

static gboolean
check_hostname(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field, GError **error)
{
    g_auto(GStrv) labels = NULL;
    g_autofree gchar *shown = NULL;

    if (!fields->hostname)
        return TRUE;
    shown = gvir_sandbox_text_show(fields->hostname);
    if (strnlen(fields->hostname, HOST_NAME_MAX + 1) > HOST_NAME_MAX)
        return gvir_sandbox_text_invalid(error, _("hostname: \"%s\" is longer than %d bytes"), shown, HOST_NAME_MAX);
    labels = g_strsplit(fields->hostname, ".", -1);
    for (gsize i = 0; i == 0 || labels[i]; i++) {
        if (!labels[i] || !is_label(labels[i]))
            return gvir_sandbox_text_invalid(
                error,
                _("hostname: \"%s\" is not a host name: words of letters, digits and inner hyphens, with dots between"),
                shown);
    }
    return TRUE;
}

static gboolean
check_uuid(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field, GError **error)
{
    g_autofree gchar *shown = NULL;

    if (!fields->uuid || g_uuid_string_is_valid(fields->uuid))
        return TRUE;
    shown = gvir_sandbox_text_show(fields->uuid);
    return gvir_sandbox_text_invalid(error, _("uuid: \"%s\" is not a UUID"), shown);
}

static gboolean
check_path(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field, GError **error)
{
    return gvir_sandbox_value_check_path(key, *(gchar *const *)field, error);
}

static gboolean
check_optional_path(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field, GError **error)
{
    return !*(gchar *const *)field || check_path(fields, key, field, error);
}

static gboolean
check_guest_path(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field, GError **error)
{
    return gvir_sandbox_value_check_guest_path(key, *(gchar *const *)field, error);
}

static gboolean
check_optional_guest_path(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field, GError **error)
{
    return !*(gchar *const *)field || check_guest_path(fields, key, field, error);
}

static gboolean
check_file_name(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field, GError **error)
{
    return gvir_sandbox_value_check_file_name(key, *(gchar *const *)field, error);
}

static gboolean
check_optional_file_name(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field, GError **error)
{
    return !*(gchar *const *)field || check_file_name(fields, key, field, error);
}

gboolean
gvir_sandbox_settings_check_memory(guint64 memory, GError **error)
{
    if (memory == 0 || (memory >= MEMORY_LEAST && memory <= MEMORY_MOST))
        return TRUE;
    return gvir_sandbox_text_invalid(
        error, _("memory: %" G_GUINT64_FORMAT " bytes: must be 1 MiB at least and 1 EiB at most"), memory);
}

static gboolean
check_memory(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field, GError **error)
{
    return gvir_sandbox_settings_check_memory(fields->memory, error);
}

static gboolean
check_cpus(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field, GError **error)
{
    return fields->cpus <= CPUS_MOST ||
           gvir_sandbox_text_invalid(error, _("cpus: %u is more than %d"), fields->cpus, CPUS_MOST);
}

static gboolean
check_virt_type(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field, GError **error)
{
    return gvir_sandbox_value_from_enum(GVIR_SANDBOX_TYPE_CONFIG_VIRT_TYPE, fields->virt_type) ||
           gvir_sandbox_text_invalid(error, _("virtType: %d is not one of auto, kvm, qemu"), fields->virt_type);
}

static gboolean
check_timeout(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field, GError **error)
{
    if (fields->timeout <= TIMEOUT_MOST)
        return TRUE;
    return gvir_sandbox_text_invalid(
        error, _("timeout: %" G_GUINT64_FORMAT " is more than %" G_GUINT64_FORMAT " milliseconds"), fields->timeout,
        TIMEOUT_MOST);
}

static gboolean
check_overlay_dir(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field, GError **error)
{
    if (!check_optional_path(fields, key, field, error))
        return FALSE;
    return !fields->overlay_dir || fields->overlay ||
           gvir_sandbox_text_invalid(error, _("overlayDir: needs an overlay"));
}

static gboolean
check_changes(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field, GError **error)
{
    if (!fields->changes)
        return TRUE;
    if (!fields->overlay) {
        gvir_sandbox_text_invalid(error, _("changes: needs an overlay"));
        gvir_sandbox_error_set_remedy(error, "overlay");
        return FALSE;
    }
    return g_str_equal(fields->changes, "-") || check_path(fields, key, field, error);
}

gboolean
gvir_sandbox_settings_check_hidden(const gchar *path, GError **error)
{
    g_autofree gchar *canonical = NULL;

    if (!gvir_sandbox_value_check_guest_path("hide", path, error))
        return FALSE;
    canonical = gvir_sandbox_value_canonical_path(path);
    return !g_str_equal(canonical, "/") ||
           gvir_sandbox_text_invalid(error, _("hide: / is all that there is; name what is in it"));
}

static gboolean
check_hidden(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field, GError **error)
{
    for (guint i = 0; i < fields->hidden->len; i++) {
        if (!gvir_sandbox_settings_check_hidden(fields->hidden->pdata[i], error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
check_home_size(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field, GError **error)
{
    return !fields->home_size || fields->private_home ||
           gvir_sandbox_text_invalid(error, _("homeSize: needs a private home"));
}

/* The system calls take this number as "no change". */
static gboolean
check_id(const GVirSandboxConfigPrivate *fields, const gchar *key, gconstpointer field, GError **error)
{
    guint id = *(const guint *)field;

    return id != G_MAXUINT32 || gvir_sandbox_text_invalid(error, _("%s: %u is not a valid id"), key, id);
}

#define FIELD(name) G_STRUCT_OFFSET(GVirSandboxConfigPrivate, name)

/* The rows are in the order of saved descriptions. */
static const GVirSandboxSetting settings[] = {
    /**
     * GVirSandboxConfig:name:
     *
     * The name of the domain. %NULL stands for "sandbox-" and 8 random hex digits. Up to 0.8 it could be set only when
     * the description was made.
     */
    { "name", "core", "name", &gvir_sandbox_setting_text, .field = FIELD(name), .set_default = default_name,
      .never_null = TRUE, .asked = FIELD(name_asked), .saved = GVIR_SANDBOX_SAVED_IF_ASKED, .flags = G_PARAM_CONSTRUCT,
      .check = check_name },

    /**
     * GVirSandboxConfig:hostname:
     *
     * The name that the sandbox has for itself, %NULL for that of the domain.
     *
     * Since: 0.9.0
     */
    { "hostname", "core", "hostname", &gvir_sandbox_setting_text, .field = FIELD(hostname), .check = check_hostname },

    /**
     * GVirSandboxConfig:uuid:
     *
     * The UUID of the domain.
     */
    { "uuid", "core", "uuid", &gvir_sandbox_setting_text, .field = FIELD(uuid), .check = check_uuid },

    /**
     * GVirSandboxConfig:root:
     *
     * The host directory that is the root of the sandbox.
     */
    { "root", "core", "root", &gvir_sandbox_setting_text, .field = FIELD(root), .set_default = default_root,
      .never_null = TRUE, .check = check_path },

    /**
     * GVirSandboxConfig:arch:
     *
     * The architecture of the machine.
     */
    { "arch", "core", "arch", &gvir_sandbox_setting_text, .field = FIELD(arch), .set_default = default_arch,
      .never_null = TRUE, .asked = FIELD(arch_asked), .saved = GVIR_SANDBOX_SAVED_IF_ASKED, .check = check_file_name },

    /**
     * GVirSandboxConfig:kernrelease:
     *
     * The release of the kernel that a machine boots.
     */
    { "kernrelease", "core", "kernrelease", &gvir_sandbox_setting_text, .field = FIELD(kernrelease),
      .check = check_optional_file_name },

    /**
     * GVirSandboxConfig:kernpath:
     *
     * The kernel file that a machine boots.
     */
    { "kernpath", "core", "kernpath", &gvir_sandbox_setting_text, .field = FIELD(kernpath),
      .check = check_optional_path },

    /**
     * GVirSandboxConfig:kmodpath:
     *
     * The directory that has the modules of the kernel.
     */
    { "kmodpath", "core", "kmodpath", &gvir_sandbox_setting_text, .field = FIELD(kmodpath),
      .check = check_optional_path },

    /**
     * GVirSandboxConfig:shell:
     *
     * Whether there is a shell, with the rights of the program, on a second console.
     */
    { "shell", "core", "shell", &gvir_sandbox_setting_boolean, .field = FIELD(shell),
      .saved = GVIR_SANDBOX_SAVED_ALWAYS },

    /**
     * GVirSandboxConfig:debug:
     *
     * Whether the messages of the kernel and of init are shown.
     *
     * Since: 0.9.0
     */
    { "debug", "core", "debug", &gvir_sandbox_setting_boolean, .field = FIELD(debug) },

    /**
     * GVirSandboxConfig:verbose:
     *
     * Whether it is said what is done.
     *
     * Since: 0.9.0
     */
    { "verbose", "core", "verbose", &gvir_sandbox_setting_boolean, .field = FIELD(verbose) },

    /**
     * GVirSandboxConfig:memory:
     *
     * The memory of the sandbox in bytes, 0 for the default.
     *
     * Since: 0.9.0
     */
    { "memory", "core", "memory", &gvir_sandbox_setting_uint64, .field = FIELD(memory), .check = check_memory },

    /**
     * GVirSandboxConfig:cpus:
     *
     * The number of virtual CPUs, 0 for the default.
     *
     * Since: 0.9.0
     */
    { "cpus", "core", "cpus", &gvir_sandbox_setting_uint, .field = FIELD(cpus), .check = check_cpus },

    /**
     * GVirSandboxConfig:virt-type:
     *
     * What runs the instructions of a machine.
     *
     * Since: 0.9.0
     */
    { "virt-type", "core", "virtType", &gvir_sandbox_setting_enum, .field = FIELD(virt_type),
      .get_type = gvir_sandbox_config_virt_type_get_type, .check = check_virt_type },

    /**
     * GVirSandboxConfig:workdir:
     *
     * The working directory of the program.
     *
     * Since: 0.9.0
     */
    { "workdir", "core", "workdir", &gvir_sandbox_setting_text, .field = FIELD(workdir),
      .check = check_optional_guest_path },

    /**
     * GVirSandboxConfig:workdir-optional:
     *
     * Whether the program starts in its home directory, or in /, where it cannot enter the working directory.
     *
     * Since: 0.9.0
     */
    { "workdir-optional", "core", "workdirOptional", &gvir_sandbox_setting_boolean, .field = FIELD(workdir_optional) },

    /**
     * GVirSandboxConfig:timeout:
     *
     * After how many milliseconds the program is to be ended, 0 for never.
     *
     * Since: 0.9.0
     */
    { "timeout", "core", "timeout", &gvir_sandbox_setting_uint64, .field = FIELD(timeout), .check = check_timeout },

    /**
     * GVirSandboxConfig:overlay:
     *
     * Whether the program sees a root that it can write to, and what it writes is gone at the end.
     *
     * Since: 0.9.0
     */
    { "overlay", "core", "overlay", &gvir_sandbox_setting_boolean, .field = FIELD(overlay) },

    /**
     * GVirSandboxConfig:overlay-dir:
     *
     * The host directory in which an overlay keeps what is written, instead of memory.
     *
     * Since: 0.9.0
     */
    { "overlay-dir", "core", "overlayDir", &gvir_sandbox_setting_text, .field = FIELD(overlay_dir),
      .check = check_overlay_dir },

    /**
     * GVirSandboxConfig:changes:
     *
     * The file that gets what changed in an overlay.
     *
     * Since: 0.9.0
     */
    { "changes", "core", "changes", &gvir_sandbox_setting_text, .field = FIELD(changes), .check = check_changes },

    /* A list, which has functions in place of a property. */
    { NULL, "core", "hide", &gvir_sandbox_setting_paths, .field = FIELD(hidden), .set_default = default_paths,
      .check = check_hidden },

    /**
     * GVirSandboxConfig:private-home:
     *
     * Whether the program has a home directory of its own in memory.
     *
     * Since: 0.9.0
     */
    { "private-home", "core", "privateHome", &gvir_sandbox_setting_boolean, .field = FIELD(private_home) },

    /**
     * GVirSandboxConfig:home-size:
     *
     * How many bytes a private home directory can hold, 0 for the default.
     *
     * Since: 0.9.0
     */
    { "home-size", "core", "homeSize", &gvir_sandbox_setting_uint64, .field = FIELD(home_size),
      .check = check_home_size },

    /**
     * GVirSandboxConfig:hide-secrets:
     *
     * Whether what is known to hold secrets is hidden from the program.
     *
     * Since: 0.9.0
     */
    { "hide-secrets", "core", "hideSecrets", &gvir_sandbox_setting_boolean, .field = FIELD(hide_secrets) },

    /**
     * GVirSandboxConfig:uid: (getter get_userid) (setter set_userid)
     *
     * The user id that the program runs with. The property is older than the names of its accessors,
     * gvir_sandbox_config_set_userid() and gvir_sandbox_config_get_userid().
     */
    { "uid", "identity", "uid", &gvir_sandbox_setting_uint, .field = FIELD(uid), .set_default = default_uid,
      .asked = FIELD(identity_asked), .saved = GVIR_SANDBOX_SAVED_IF_ASKED, .check = check_id },

    /**
     * GVirSandboxConfig:gid: (getter get_groupid) (setter set_groupid)
     *
     * The group id that the program runs with. The property is older than the names of its accessors,
     * gvir_sandbox_config_set_groupid() and gvir_sandbox_config_get_groupid().
     */
    { "gid", "identity", "gid", &gvir_sandbox_setting_uint, .field = FIELD(gid), .set_default = default_gid,
      .asked = FIELD(identity_asked), .saved = GVIR_SANDBOX_SAVED_IF_ASKED, .check = check_id },

    /**
     * GVirSandboxConfig:username:
     *
     * The name of the user that the program runs as.
     */
    { "username", "identity", "username", &gvir_sandbox_setting_text, .field = FIELD(username),
      .set_default = default_username, .asked = FIELD(identity_asked), .saved = GVIR_SANDBOX_SAVED_IF_ASKED,
      .check = check_file_name },

    /**
     * GVirSandboxConfig:homedir:
     *
     * The home directory of the program.
     */
    { "homedir", "identity", "homedir", &gvir_sandbox_setting_text, .field = FIELD(homedir),
      .set_default = default_homedir, .asked = FIELD(identity_asked), .saved = GVIR_SANDBOX_SAVED_IF_ASKED,
      .check = check_guest_path },

    /**
     * GVirSandboxConfig:privileged:
     *
     * Whether the program is root with its capabilities. Unless it is set, it is %TRUE where
     * #GVirSandboxConfig:uid is set to 0 and #GVirSandboxConfig:username to root, as that was the way of 0.8.
     *
     * Since: 0.9.0
     */
    { "privileged", "identity", "privileged", &gvir_sandbox_setting_boolean, .field = FIELD(privileged),
      .asked = FIELD(privileged_asked), .saved = GVIR_SANDBOX_SAVED_IF_ASKED, .implied = implied_privileged },

    /**
     * GVirSandboxConfig:security-label:
     *
     * The security label of the sandbox.
     */
    { "security-label", "security", "label", &gvir_sandbox_setting_text, .field = FIELD(security_label) },

    /**
     * GVirSandboxConfig:security-dynamic:
     *
     * Whether libvirt makes a security label for each start.
     */
    { "security-dynamic", "security", "dynamic", &gvir_sandbox_setting_boolean, .field = FIELD(security_dynamic),
      .set_default = default_true, .saved = GVIR_SANDBOX_SAVED_ALWAYS },

    /**
     * GVirSandboxConfig:security-required:
     *
     * Whether a sandbox is refused where libvirt cannot make the label that #GVirSandboxConfig:security-dynamic
     * asks for. Otherwise it is started without one there.
     *
     * Since: 0.9.0
     */
    { "security-required", "security", "asked", &gvir_sandbox_setting_boolean, .field = FIELD(security_required) },

    /**
     * GVirSandboxConfig:seccomp:
     *
     * Whether a filter keeps the program of a container from system calls that it can do without.
     *
     * Since: 0.9.0
     */
    { "seccomp", "security", "seccomp", &gvir_sandbox_setting_boolean, .field = FIELD(seccomp),
      .set_default = default_true },
};

static GParamSpec *properties[G_N_ELEMENTS(settings)];
/* From a description to its fields. */
static gint fields_offset;

static gpointer
get_field(const GVirSandboxConfigPrivate *fields, gsize offset)
{
    return G_STRUCT_MEMBER_P(fields, offset);
}

void
gvir_sandbox_settings_install(GObjectClass *class)
{
    fields_offset = g_type_class_get_instance_private_offset(class);
    for (guint i = 0; i < G_N_ELEMENTS(settings); i++) {
        if (!settings[i].property)
            continue;
        properties[i] = settings[i].kind->describe(&settings[i]);
        g_object_class_install_property(class, i + 1, properties[i]);
    }
}

void
gvir_sandbox_settings_init(GVirSandboxConfigPrivate *fields)
{
    for (guint i = 0; i < G_N_ELEMENTS(settings); i++) {
        if (settings[i].set_default)
            settings[i].set_default(get_field(fields, settings[i].field));
    }
}

void
gvir_sandbox_settings_clear(GVirSandboxConfigPrivate *fields)
{
    for (guint i = 0; i < G_N_ELEMENTS(settings); i++)
        settings[i].kind->clear(get_field(fields, settings[i].field));
}

void
gvir_sandbox_settings_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    const GVirSandboxSetting *setting = &settings[id - 1];

    setting->kind->get(get_field(G_STRUCT_MEMBER_P(object, fields_offset), setting->field), value);
}

/* What nobody asked for follows from what was. @object is NULL where nobody is to be told. */
static void
set_implied(GVirSandboxConfigPrivate *fields, GObject *object)
{
    for (guint i = 0; i < G_N_ELEMENTS(settings); i++) {
        gboolean *field = get_field(fields, settings[i].field);
        gboolean implied;

        if (!settings[i].implied || *(gboolean *)get_field(fields, settings[i].asked))
            continue;
        implied = settings[i].implied(fields);
        if (*field == implied)
            continue;
        *field = implied;
        if (object)
            g_object_notify_by_pspec(object, properties[i]);
    }
}

void
gvir_sandbox_settings_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    GVirSandboxConfigPrivate *fields = G_STRUCT_MEMBER_P(object, fields_offset);
    const GVirSandboxSetting *setting = &settings[id - 1];

    if (setting->asked)
        *(gboolean *)get_field(fields, setting->asked) = !setting->never_null || g_value_get_string(value);
    if (setting->kind->set(setting, get_field(fields, setting->field), value))
        g_object_notify_by_pspec(object, pspec);
    set_implied(fields, object);
}

/* The value that is there is of the type of the property, whatever number a caller makes of an enumeration. */
static void
set_field(GVirSandboxConfig *config, gconstpointer field, const GValue *value)
{
    GObject *object = G_OBJECT(config);
    gsize offset = (gsize)((const guint8 *)field - (const guint8 *)G_STRUCT_MEMBER_P(object, fields_offset));

    for (guint i = 0; i < G_N_ELEMENTS(settings); i++) {
        if (settings[i].field == offset)
            gvir_sandbox_settings_set_property(object, i + 1, value, properties[i]);
    }
}

void
gvir_sandbox_settings_set_text(GVirSandboxConfig *config, gchar **field, const gchar *text)
{
    g_auto(GValue) value = G_VALUE_INIT;

    g_value_init(&value, G_TYPE_STRING);
    g_value_set_string(&value, text);
    set_field(config, field, &value);
}

void
gvir_sandbox_settings_set_boolean(GVirSandboxConfig *config, gboolean *field, gboolean truth)
{
    g_auto(GValue) value = G_VALUE_INIT;

    g_value_init(&value, G_TYPE_BOOLEAN);
    g_value_set_boolean(&value, truth);
    set_field(config, field, &value);
}

void
gvir_sandbox_settings_set_uint(GVirSandboxConfig *config, guint *field, guint number)
{
    g_auto(GValue) value = G_VALUE_INIT;

    g_value_init(&value, G_TYPE_UINT);
    g_value_set_uint(&value, number);
    set_field(config, field, &value);
}

void
gvir_sandbox_settings_set_uint64(GVirSandboxConfig *config, guint64 *field, guint64 number)
{
    g_auto(GValue) value = G_VALUE_INIT;

    g_value_init(&value, G_TYPE_UINT64);
    g_value_set_uint64(&value, number);
    set_field(config, field, &value);
}

void
gvir_sandbox_settings_set_enum(GVirSandboxConfig *config, gint *field, GType type, gint choice)
{
    g_auto(GValue) value = G_VALUE_INIT;

    g_value_init(&value, type);
    g_value_set_enum(&value, choice);
    set_field(config, field, &value);
}

gboolean
gvir_sandbox_settings_load(GVirSandboxConfigPrivate *fields, GVirSandboxKeyfile *file, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(settings); i++) {
        const GVirSandboxSetting *setting = &settings[i];

        if (setting->asked && gvir_sandbox_keyfile_has_key(file, setting->group, setting->key))
            *(gboolean *)get_field(fields, setting->asked) = TRUE;
        if (!setting->kind->load(setting, get_field(fields, setting->field), file, error))
            return FALSE;
    }
    set_implied(fields, NULL);
    return TRUE;
}

static gboolean
is_to_save(const GVirSandboxSetting *setting, const GVirSandboxConfigPrivate *fields)
{
    switch (setting->saved) {
    case GVIR_SANDBOX_SAVED_ALWAYS:
        return TRUE;
    case GVIR_SANDBOX_SAVED_IF_ASKED:
        return *(gboolean *)get_field(fields, setting->asked);
    case GVIR_SANDBOX_SAVED_IF_SET:
    default:
        return setting->kind->is_set(setting, get_field(fields, setting->field));
    }
}

void
gvir_sandbox_settings_save(const GVirSandboxConfigPrivate *fields, const gchar *group, GKeyFile *file)
{
    for (guint i = 0; i < G_N_ELEMENTS(settings); i++) {
        if (g_str_equal(settings[i].group, group) && is_to_save(&settings[i], fields))
            settings[i].kind->save(&settings[i], get_field(fields, settings[i].field), file);
    }
}

gboolean
gvir_sandbox_settings_check(const GVirSandboxConfigPrivate *fields, const gchar *group, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(settings); i++) {
        if (g_str_equal(settings[i].group, group) && settings[i].check &&
            !settings[i].check(fields, settings[i].key, get_field(fields, settings[i].field), error))
            return FALSE;
    }
    return TRUE;
}
