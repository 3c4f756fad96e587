/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/finding-private.h"

/**
 * GVirSandboxFinding:
 *
 * One thing that a sandbox needs of its host, and how it was found: what gvir_sandbox_context_validate()
 * gives a list of.
 *
 * Since: 0.9.0
 */
struct _GVirSandboxFinding {
    GObject parent_instance;

    GVirSandboxFindingLevel level;
    gchar *what;
    gchar *detail;
    const gchar *remedy; /* interned, or NULL */
};

G_DEFINE_FINAL_TYPE(GVirSandboxFinding, gvir_sandbox_finding, G_TYPE_OBJECT)

static void
gvir_sandbox_finding_finalize(GObject *object)
{
    GVirSandboxFinding *finding = GVIR_SANDBOX_FINDING(object);

    g_free(finding->what);
    g_free(finding->detail);
    G_OBJECT_CLASS(gvir_sandbox_finding_parent_class)->finalize(object);
}

static void
gvir_sandbox_finding_class_init(GVirSandboxFindingClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = gvir_sandbox_finding_finalize;
}

static void
gvir_sandbox_finding_init(GVirSandboxFinding *finding G_GNUC_UNUSED)
{
}

/**
 * gvir_sandbox_finding_new: (constructor)
 * @level: how it is to be judged
 * @what: what was looked at, a few words for people
 * @detail: what was found, a line for people; where it is not as it should be, with what helps
 *
 * Makes a finding, as a builder's validate() returns them.
 *
 * Returns: (transfer full): a new finding
 *
 * Since: 0.9.0
 */
GVirSandboxFinding *
gvir_sandbox_finding_new(GVirSandboxFindingLevel level, const gchar *what, const gchar *detail)
{
    GVirSandboxFinding *finding;

    g_return_val_if_fail(what != NULL, NULL);
    g_return_val_if_fail(detail != NULL, NULL);

    finding = g_object_new(GVIR_SANDBOX_TYPE_FINDING, NULL);
    finding->level = level;
    finding->what = g_strdup(what);
    finding->detail = g_strdup(detail);
    return finding;
}

/**
 * gvir_sandbox_finding_get_level:
 * @finding: the finding
 *
 * Gets how it is to be judged.
 *
 * Returns: its level
 *
 * Since: 0.9.0
 */
GVirSandboxFindingLevel
gvir_sandbox_finding_get_level(GVirSandboxFinding *finding)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_FINDING(finding), GVIR_SANDBOX_FINDING_LEVEL_FAIL);

    return finding->level;
}

/**
 * gvir_sandbox_finding_get_what:
 * @finding: the finding
 *
 * Gets what was looked at.
 *
 * Returns: (transfer none): a few words for people
 *
 * Since: 0.9.0
 */
const gchar *
gvir_sandbox_finding_get_what(GVirSandboxFinding *finding)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_FINDING(finding), NULL);

    return finding->what;
}

/**
 * gvir_sandbox_finding_get_detail:
 * @finding: the finding
 *
 * Gets what was found, and where it is not as it should be what helps.
 *
 * Returns: (transfer none): a line for people
 *
 * Since: 0.9.0
 */
const gchar *
gvir_sandbox_finding_get_detail(GVirSandboxFinding *finding)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_FINDING(finding), NULL);

    return finding->detail;
}

/**
 * gvir_sandbox_finding_get_remedy:
 * @finding: the finding
 *
 * Gets the name of the property whose other value helps, as gvir_sandbox_error_get_remedy() does for an error.
 *
 * Returns: (transfer none) (nullable): the name of a property, or %NULL if none is known to help
 *
 * Since: 0.9.0
 */
const gchar *
gvir_sandbox_finding_get_remedy(GVirSandboxFinding *finding)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_FINDING(finding), NULL);

    return finding->remedy;
}

void
gvir_sandbox_finding_set_remedy(GVirSandboxFinding *finding, const gchar *property)
{
    finding->remedy = g_intern_string(property);
}
