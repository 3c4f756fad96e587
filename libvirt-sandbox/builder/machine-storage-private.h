/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/export/machine-export-private.h"
#include "libvirt-sandbox/builder/export/export-private.h"
#include "libvirt-sandbox/builder/storage/storage-private.h"
#include "libvirt-sandbox/guest/manifest.h"

/* The first slots of the bus and the last one are taken, and each of the others has eight functions. */
#define GVIR_SANDBOX_MACHINE_DEVICES_MAX 216

/* Which devices of a machine's root bus are taken. */
typedef struct {
    guint next;
    gboolean packed; /* eight to a slot: more than there are slots */
} GVirSandboxMachineSlots;

/* For @count devices from slot @first on. */
void gvir_sandbox_machine_slots_init(GVirSandboxMachineSlots *slots, guint first, guint count);
/* Appends the address of the next device. On the bus itself: each port and bridge costs the guest time to
 * find. */
void gvir_sandbox_machine_slots_append(GVirSandboxMachineSlots *slots, GString *xml);

/* The devices of @storage, and how many they are. */
guint gvir_sandbox_machine_storage_count(const GVirSandboxStorage *storage);
void gvir_sandbox_machine_storage_append(GString *xml, const GVirSandboxStorage *storage,
                                         const GVirSandboxExport *export, GVirSandboxMachineSlots *slots);

/* A directory of the host that the guest knows as @tag. */
void gvir_sandbox_machine_storage_append_directory(GString *xml, const GVirSandboxExport *export, const gchar *mode,
                                                   const gchar *source, const gchar *tag, gboolean read_only,
                                                   GVirSandboxMachineSlots *slots);

/* What the guest does with them. @options are those of every 9p mount. */
void gvir_sandbox_machine_storage_append_manifest(struct guest_manifest_text *text, const GVirSandboxStorage *storage,
                                                  const gchar *options);

/* The disk for what is written to the root, as the guest knows it; empty: none. */
gchar *gvir_sandbox_machine_storage_overlay_place(const GVirSandboxStorage *storage);

/* The modules that @storage needs in the boot image; those of file systems are loaded on demand. */
const gchar *const *gvir_sandbox_machine_storage_modules(void);
const gchar *const *gvir_sandbox_machine_storage_on_demand(void);

/* What only a machine refuses. */
gboolean gvir_sandbox_machine_storage_check(GVirSandboxConfig *config, GError **error);
/* What a program should know that writes to the directories of the host that the configuration names; NULL where none
 * is written. */
const gchar *gvir_sandbox_machine_storage_find_written(GVirSandboxConfig *config);
/* Whether the user who runs QEMU can do with the files of the configuration what is asked for. */
gboolean gvir_sandbox_machine_storage_check_access(GVirSandboxConfig *config, const GVirSandboxStorageServer *server,
                                                   GError **error);
/* The same where that is ourselves. */
gboolean gvir_sandbox_machine_storage_check_own_access(GVirSandboxConfig *config, GError **error);
/* Whether @export can show all of it: files it can only if there are trees. */
gboolean gvir_sandbox_machine_storage_check_export(const GVirSandboxStorage *storage, const GVirSandboxExport *export,
                                                   GError **error);
/* Whether libvirt makes an AppArmor profile that has the files of the configuration. */
gboolean gvir_sandbox_machine_storage_check_profile(GVirSandboxConfig *config, GError **error);
