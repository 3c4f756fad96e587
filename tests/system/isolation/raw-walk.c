/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* 9p messages that no kernel sends. */

#include "raw-walk.h"
#include "raw-device.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { TYPE_ERROR = 7, TYPE_VERSION = 100, TYPE_ATTACH = 104, TYPE_WALK = 110, TYPE_CLUNK = 120 };
enum { ROOT = 1, FOUND = 2, NOBODY = -1 };

#define QID 13

static uint8_t message[4096], reply[4096];
static uint32_t length;

static void
put(uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        message[length++] = (uint8_t)(value >> (8 * i));
    }
}

static void
put_text(const char *text, size_t size)
{
    put(size, 2);
    memcpy(message + length, text, size);
    length += (uint32_t)size;
}

static void
begin(uint8_t type)
{
    length = 4;
    put(type, 1);
    put(type == TYPE_VERSION ? 0xffff : 0, 2);
}

/* Whether the answer is that of this type. */
static bool
ask(void)
{
    uint32_t whole = length;
    uint8_t type = message[4];

    length = 0;
    put(whole, 4);
    memset(reply, 0, sizeof(reply));
    return raw_device_ask(message, whole, reply, sizeof(reply)) >= 7 && reply[4] == type + 1;
}

static const uint8_t *
attach(const char *tag, const char **problem)
{
    static char attached[32];
    static uint8_t root[QID];

    if (strcmp(attached, tag) == 0) {
        return root;
    }
    *problem = raw_device_open(tag);
    if (*problem) {
        return NULL;
    }
    begin(TYPE_VERSION);
    put(4096, 4);
    put_text("9P2000.L", 8);
    *problem = ask() ? NULL : "no version";
    begin(TYPE_ATTACH);
    put(ROOT, 4);
    put((uint32_t)NOBODY, 4);
    put_text("root", 4);
    put_text("/..", 3);
    put(0, 4);
    if (*problem || !ask()) {
        *problem = *problem ? *problem : "not attached";
        return NULL;
    }
    memcpy(root, reply + 7, QID);
    snprintf(attached, sizeof(attached), "%s", tag);
    return root;
}

static uint16_t
put_names(const char *path, bool as_one_name)
{
    uint16_t count = 0;

    if (as_one_name) {
        put_text(path, strlen(path));
        return 1;
    }
    while (*(path += strspn(path, "/"))) {
        put_text(path, strcspn(path, "/"));
        path += strcspn(path, "/");
        count++;
    }
    return count;
}

const char *
raw_walk(const char *tag, const char *path, int as_one_name)
{
    static char text[32];
    const char *problem = NULL;
    const uint8_t *root = attach(tag, &problem);
    uint32_t place;
    uint16_t count, answered;
    const char *result = "there";

    if (!root) {
        return problem;
    }
    begin(TYPE_WALK);
    put(ROOT, 4);
    put(FOUND, 4);
    place = length;
    put(0, 2);
    count = put_names(path, as_one_name);
    message[place] = (uint8_t)count;
    if (!ask()) {
        snprintf(text, sizeof(text), "error %u", reply[4] == TYPE_ERROR ? reply[7] : 0);
        return text;
    }
    answered = (uint16_t)(reply[7] | reply[8] << 8);
    if (answered < count) {
        return "not all the way";
    }
    if (memcmp(reply + 9 + (count - 1) * QID, root, QID) == 0) {
        result = "root";
    }
    begin(TYPE_CLUNK);
    put(FOUND, 4);
    ask();
    return result;
}
