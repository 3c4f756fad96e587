/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/guest/manifest.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum line_count { ONE, AT_MOST_ONE, AT_LEAST_ONE, ANY };

#define WORD_ROW(id, name, fields, lines) { name, fields, lines },
static const struct {
    const char *name;
    size_t field_count;
    enum line_count lines;
} words[GUEST_WORD_COUNT] = { GUEST_MANIFEST_WORDS(WORD_ROW) };

const char *
guest_word_name(enum guest_word word)
{
    return words[word].name;
}

size_t
guest_word_field_count(enum guest_word word)
{
    return words[word].field_count;
}

static bool
must_escape(unsigned char byte)
{
    return byte <= 0x20 || byte == '\\' || byte == 0x7f;
}

/* Writing */

static bool
make_room(struct guest_manifest_text *text, size_t more)
{
    size_t needed = text->length + more + 1;
    size_t allocated = text->allocated ? text->allocated : 1024;
    char *data;

    if (text->failed || more > GUEST_MANIFEST_SIZE_MAX || needed > GUEST_MANIFEST_SIZE_MAX) {
        text->failed = true;
        return false;
    }
    while (allocated < needed) {
        allocated *= 2;
    }
    if (allocated > text->allocated) {
        data = realloc(text->data, allocated);
        if (!data) {
            text->failed = true;
            return false;
        }
        text->data = data;
        text->allocated = allocated;
    }
    return true;
}

static void
append_bytes(struct guest_manifest_text *text, const char *bytes, size_t length)
{
    if (make_room(text, length)) {
        memcpy(text->data + text->length, bytes, length);
        text->length += length;
        text->data[text->length] = '\0';
    }
}

static void
append_field(struct guest_manifest_text *text, const char *field)
{
    static const char digits[] = "0123456789abcdef";

    if (*field == '\0') {
        append_bytes(text, "\\e", 2);
    }
    while (*field) {
        size_t plain = 0;

        while (field[plain] && !must_escape((unsigned char)field[plain])) {
            plain++;
        }
        append_bytes(text, field, plain);
        field += plain;
        if (*field) {
            unsigned char byte = (unsigned char)*field++;
            const char escape[] = { '\\', 'x', digits[byte >> 4], digits[byte & 15] };

            append_bytes(text, escape, sizeof(escape));
        }
    }
}

void
guest_manifest_append(struct guest_manifest_text *text, enum guest_word word, ...)
{
    const char *field;
    va_list fields;

    append_bytes(text, words[word].name, strlen(words[word].name));
    va_start(fields, word);
    while ((field = va_arg(fields, const char *))) {
        append_bytes(text, " ", 1);
        append_field(text, field);
    }
    va_end(fields);
    append_bytes(text, "\n", 1);
}

void
guest_manifest_text_clear(struct guest_manifest_text *text)
{
    free(text->data);
    memset(text, 0, sizeof(*text));
}

/* Parsing */

static int
hex_value(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    return -1;
}

/* Undoes the escapes of @field, in place: it only gets shorter. Returns what is wrong, or NULL. */
static const char *
unescape(char *field)
{
    char *out = field;

    if (*field == '\0') {
        return "empty field, or more than one space between two";
    }
    if (strcmp(field, "\\e") == 0) {
        *field = '\0';
        return NULL;
    }
    while (*field) {
        int high, low;

        if (*field != '\\') {
            if (must_escape((unsigned char)*field)) {
                return "byte that must be escaped";
            }
            *out++ = *field++;
            continue;
        }
        high = field[1] == 'x' ? hex_value(field[2]) : -1;
        low = high >= 0 ? hex_value(field[3]) : -1;
        if (low < 0) {
            return "unknown escape";
        }
        if (high == 0 && low == 0) {
            return "escaped zero byte";
        }
        *out++ = (char)(high << 4 | low);
        field += 4;
    }
    *out = '\0';
    return NULL;
}

static enum guest_word
find_word(const char *name)
{
    size_t i = 0;

    while (i < GUEST_WORD_COUNT && strcmp(words[i].name, name) != 0) {
        i++;
    }
    return (enum guest_word)i;
}

static const char *
parse_line(struct guest_directive *directive, char *line, size_t length)
{
    char *rest = line;
    size_t field_count;

    if (memchr(line, '\0', length)) {
        return "zero byte";
    }
    directive->word = find_word(strsep(&rest, " "));
    if (directive->word == GUEST_WORD_COUNT) {
        return "unknown directive";
    }
    field_count = words[directive->word].field_count;

    while (rest) {
        char *field = strsep(&rest, " ");
        const char *reason;

        if (directive->field_count == field_count) {
            return "too many fields";
        }
        reason = unescape(field);
        if (reason) {
            return reason;
        }
        directive->fields[directive->field_count++] = field;
    }
    return directive->field_count == field_count ? NULL : "too few fields";
}

static struct guest_directive *
add_directive(struct guest_manifest *manifest)
{
    struct guest_directive *directive;

    /* The array doubles whenever its size has come to a power of two. */
    if ((manifest->count & (manifest->count - 1)) == 0) {
        size_t allocated = manifest->count ? manifest->count * 2 : 1;
        struct guest_directive *directives = reallocarray(manifest->directives, allocated, sizeof(*directives));

        if (!directives) {
            return NULL;
        }
        manifest->directives = directives;
    }
    directive = &manifest->directives[manifest->count++];
    memset(directive, 0, sizeof(*directive));
    return directive;
}

/* The first and the last line, and no other, have a word of their own. */
static const char *
check_place(const struct guest_directive *directive, bool first, bool last)
{
    if (first != (directive->word == GUEST_WORD_MANIFEST)) {
        return first ? "does not start as a manifest" : "second \"manifest\" line";
    }
    if (first && strcmp(directive->fields[0], GUEST_MANIFEST_VERSION) != 0) {
        return "version of the manifest is not known";
    }
    if (last != (directive->word == GUEST_WORD_END)) {
        return last ? "cut off: no \"end\"" : "text after \"end\"";
    }
    return NULL;
}

static const char *
parse_text(struct guest_manifest *manifest, char *text, size_t length, unsigned *line)
{
    char *end = text + length;

    if (length > GUEST_MANIFEST_SIZE_MAX) {
        return "too long";
    }
    if (length == 0) {
        return "empty";
    }
    for (char *start = text; start < end;) {
        char *newline = memchr(start, '\n', (size_t)(end - start));
        struct guest_directive *directive;
        const char *reason;

        ++*line;
        if (!newline) {
            return "cut off in a line";
        }
        *newline = '\0';
        directive = add_directive(manifest);
        if (!directive) {
            return "out of memory";
        }
        directive->line = *line;
        reason = parse_line(directive, start, (size_t)(newline - start));
        if (!reason) {
            reason = check_place(directive, start == text, newline + 1 == end);
        }
        if (reason) {
            return reason;
        }
        start = newline + 1;
    }
    return NULL;
}

bool
guest_manifest_parse(struct guest_manifest *manifest, char *text, size_t length, const char **reason, unsigned *line)
{
    memset(manifest, 0, sizeof(*manifest));
    *line = 0;
    *reason = parse_text(manifest, text, length, line);
    if (*reason) {
        guest_manifest_clear(manifest);
        return false;
    }
    return true;
}

void
guest_manifest_clear(struct guest_manifest *manifest)
{
    free(manifest->directives);
    memset(manifest, 0, sizeof(*manifest));
}

bool
guest_manifest_read_tty(const char *text, bool terminal[3])
{
    for (int descriptor = 0; descriptor < 3; descriptor++) {
        terminal[descriptor] = *text == '0' + descriptor;
        text += terminal[descriptor];
    }
    return *text == '\0' && (terminal[1] || terminal[2]);
}

const struct guest_directive *
guest_manifest_next(const struct guest_manifest *manifest, enum guest_word word, const struct guest_directive *previous)
{
    size_t i = previous ? (size_t)(previous - manifest->directives) + 1 : 0;

    while (i < manifest->count && manifest->directives[i].word != word) {
        i++;
    }
    return i < manifest->count ? &manifest->directives[i] : NULL;
}

const struct guest_directive *
guest_manifest_find(const struct guest_manifest *manifest, enum guest_word word)
{
    return guest_manifest_next(manifest, word, NULL);
}

const char *
guest_manifest_value(const struct guest_manifest *manifest, enum guest_word word)
{
    const struct guest_directive *directive = guest_manifest_find(manifest, word);

    return directive && directive->field_count > 0 ? directive->fields[0] : NULL;
}

const char *
guest_manifest_missing(const struct guest_manifest *manifest)
{
    for (size_t i = 0; i < GUEST_WORD_COUNT; i++) {
        bool required = words[i].lines == ONE || words[i].lines == AT_LEAST_ONE;

        if (required && !guest_manifest_find(manifest, (enum guest_word)i)) {
            return words[i].name;
        }
    }
    return NULL;
}
