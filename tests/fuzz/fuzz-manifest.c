/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/guest/manifest.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(int condition)
{
    if (!condition) {
        abort();
    }
}

static void
append(struct guest_manifest_text *text, const struct guest_directive *directive)
{
    char *const *f = directive->fields;

    switch (directive->field_count) {
    case 0:
        guest_manifest_append(text, directive->word, NULL);
        break;
    case 1:
        guest_manifest_append(text, directive->word, f[0], NULL);
        break;
    case 2:
        guest_manifest_append(text, directive->word, f[0], f[1], NULL);
        break;
    case 3:
        guest_manifest_append(text, directive->word, f[0], f[1], f[2], NULL);
        break;
    default:
        guest_manifest_append(text, directive->word, f[0], f[1], f[2], f[3], f[4], NULL);
        break;
    }
}

static void
expect_same(const struct guest_manifest *first, const struct guest_manifest *second)
{
    expect(first->count == second->count);
    for (size_t i = 0; i < first->count; i++) {
        const struct guest_directive *a = &first->directives[i], *b = &second->directives[i];

        expect(a->word == b->word && a->field_count == b->field_count);
        for (size_t field = 0; field < a->field_count; field++) {
            expect(strcmp(a->fields[field], b->fields[field]) == 0);
        }
    }
}

/* What parses is the same after it was written and parsed again. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct guest_manifest manifest, again;
    struct guest_manifest_text text = { 0 };
    char *copy = malloc(size ? size : 1);
    const char *reason;
    unsigned line;

    expect(copy != NULL);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    if (guest_manifest_parse(&manifest, copy, size, &reason, &line)) {
        const char *missing = guest_manifest_missing(&manifest);

        for (size_t i = 0; i < manifest.count; i++) {
            append(&text, &manifest.directives[i]);
        }
        expect(!text.failed);
        expect(guest_manifest_parse(&again, text.data, text.length, &reason, &line));
        expect_same(&manifest, &again);
        expect(guest_manifest_missing(&again) == missing);
        guest_manifest_clear(&again);
        guest_manifest_text_clear(&text);
        guest_manifest_clear(&manifest);
    } else {
        expect(reason != NULL && manifest.directives == NULL);
    }
    free(copy);
    return 0;
}
