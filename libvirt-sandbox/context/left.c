/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/left-private.h"
#include "libvirt-sandbox/builder/builder-private.h"

typedef struct {
    GVirSandboxConfig *config;
    GVirSandboxRunningDomain *domain;
    GVirSandboxBuilder *builder;
    GVirSandboxState *state;
} Left;

/* There is nobody to be told what fails: what is left of it then is swept when the next sandbox starts. */
static void
left_end(gpointer data)
{
    Left *left = data;

    gvir_sandbox_running_domain_end(left->domain, 0, FALSE, NULL);
    gvir_sandbox_builder_clean_post_stop(left->builder, left->config, gvir_sandbox_state_get_path(left->state), NULL);
    gvir_sandbox_running_domain_free(left->domain);
    gvir_sandbox_state_free(left->state);
    g_object_unref(left->builder);
    g_object_unref(left->config);
    g_free(left);
}

void
gvir_sandbox_left_keep(GVirConnection *connection, GVirSandboxConfig *config, GVirSandboxRunningDomain *domain,
                       GVirSandboxBuilder *builder, GVirSandboxState *state)
{
    g_autofree gchar *key = g_strdup_printf("gvir-sandbox-left-%s", gvir_sandbox_config_get_name(config));
    Left *left = g_new0(Left, 1);

    /* Each would have the other otherwise. */
    gvir_sandbox_builder_forget_connection(builder);
    left->config = g_object_ref(config);
    left->domain = domain;
    left->builder = builder;
    left->state = state;
    g_object_set_data_full(G_OBJECT(connection), key, left, left_end);
}
