/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/kernel-relocations-private.h"

#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <string.h>

/*
 * The table is made of 32-bit numbers: 0 and the places of 64 bits; in all kernels but new ones, 0 and those that
 * move against the kernel; 0 and the places of 32 bits. A place is the lower half of its virtual address.
 */
#define LISTS_OLD 3
#define LISTS_NEW 2
#define VIRTUAL_BASE G_GUINT64_CONSTANT(0x80000000)

typedef struct {
    const guint8 *data;
    gsize start; /* in numbers */
    gsize end;
    gsize width; /* in bytes, of what is at a place */
} List;

void
gvir_sandbox_kernel_relocations_free(GVirSandboxKernelRelocations *relocations)
{
    g_array_unref(relocations->places);
    g_free(relocations);
}

static guint32
get_number(const guint8 *table, gsize index)
{
    guint32 number;

    memcpy(&number, table + index * sizeof(number), sizeof(number));
    return GUINT32_FROM_LE(number);
}

/* Returns how many there are, or more than fit. */
static guint
split(const guint8 *table, gsize count, List lists[LISTS_OLD])
{
    guint found = 0;

    for (gsize i = 0; i < count; i++) {
        if (get_number(table, i) == 0) {
            if (found == LISTS_OLD)
                return found + 1;
            lists[found++] = (List){ table, i + 1, i + 1, sizeof(guint32) };
        } else if (found == 0) {
            return 0;
        } else {
            lists[found - 1].end = i + 1;
        }
    }
    if (found > 0)
        lists[0].width = sizeof(guint64);
    return found;
}

static gboolean
is_within(const Elf64_Phdr *segment, guint64 place, gsize width)
{
    return place >= segment->p_paddr && segment->p_filesz >= width &&
           place - segment->p_paddr <= segment->p_filesz - width;
}

/* @last is where the place before was found, as most follow each other. */
static gboolean
is_within_any(const Elf64_Phdr *segments, guint count, guint64 place, gsize width, guint *last)
{
    if (*last < count && is_within(&segments[*last], place, width))
        return TRUE;
    for (guint i = 0; i < count; i++) {
        if (is_within(&segments[i], place, width)) {
            *last = i;
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean
take_list(GVirSandboxKernelRelocations *relocations, guint kind, const List *list, const Elf64_Phdr *segments,
          guint count)
{
    guint last = 0;

    for (gsize i = list->start; i < list->end; i++) {
        guint64 address = get_number(list->data, i);
        guint32 place = (guint32)(address - VIRTUAL_BASE);

        if (address < VIRTUAL_BASE || !is_within_any(segments, count, place, list->width, &last))
            return FALSE;
        g_array_append_val(relocations->places, place);
    }
    relocations->counts[kind] = list->end - list->start;
    return TRUE;
}

GVirSandboxKernelRelocations *
gvir_sandbox_kernel_relocations_read(const guint8 *table, gsize length, const Elf64_Phdr *segments, guint count,
                                     GError **error)
{
    g_autoptr(GVirSandboxKernelRelocations) relocations = g_new0(GVirSandboxKernelRelocations, 1);
    const List none = { 0 };
    List lists[LISTS_OLD];
    guint found = length % sizeof(guint32) == 0 ? split(table, length / sizeof(guint32), lists) : 0;

    relocations->places = g_array_new(FALSE, FALSE, sizeof(guint32));
    if ((found != LISTS_OLD && found != LISTS_NEW) || !take_list(relocations, 0, &lists[found - 1], segments, count) ||
        !take_list(relocations, 1, found == LISTS_OLD ? &lists[1] : &none, segments, count) ||
        !take_list(relocations, 2, &lists[0], segments, count)) {
        g_set_error_literal(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                            _("the kernel's relocations are damaged, or of a kind that is not known"));
        return NULL;
    }
    return g_steal_pointer(&relocations);
}
