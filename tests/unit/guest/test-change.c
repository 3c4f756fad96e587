/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/guest/change.h"

#include <glib.h>
#include <string.h>
#include <sys/stat.h>

static guint8 buffer[GUEST_CHANGE_LENGTH_SIZE + GUEST_CHANGE_BODY_MAX];
static struct guest_change_writer writer = { .data = buffer, .size = sizeof(buffer) };

static struct guest_change
make_file(const gchar *path)
{
    return (struct guest_change){
        .kind = GUEST_CHANGE_ADDED,
        .mode = S_IFREG | 0644,
        .uid = 1000,
        .gid = 4294967294u,
        .seconds = -5,
        .nanoseconds = 999999999,
        .size = 10000,
        .path = path,
        .path_length = strlen(path),
    };
}

static gsize
encode(const struct guest_change *change)
{
    guest_change_begin(&writer, change);
    return guest_change_finish(&writer);
}

static void
assert_broken(const struct guest_change *change, const gchar *expected)
{
    struct guest_change decoded;
    const char *reason;
    size_t used;

    g_assert_cmpuint(encode(change), >, 0);
    g_assert_cmpint(guest_change_decode(buffer, writer.length, &decoded, &used, &reason), ==, GUEST_CHANGE_BROKEN);
    g_assert_cmpstr(reason, ==, expected);
}

/* What is written comes back, and no part of it is taken for the whole. */
static void
test_round_trip(void)
{
    struct guest_change change = make_file("etc/any \xff\n bytes"), decoded;
    const uint8_t *value;
    const char *reason, *name;
    uint64_t offset, extent_length;
    size_t used, length, position = 0;

    guest_change_begin(&writer, &change);
    guest_change_add_xattr(&writer, "user.empty", "", 0);
    guest_change_add_xattr(&writer, "security.capability", "\0\1\2", 3);
    guest_change_add_extent(&writer, 0, 1);
    guest_change_add_extent(&writer, 4096, 5904);
    length = guest_change_finish(&writer);
    for (size_t cut = 0; cut < length; cut++)
        g_assert_cmpint(guest_change_decode(buffer, cut, &decoded, &used, &reason), ==, GUEST_CHANGE_INCOMPLETE);
    g_assert_cmpint(guest_change_decode(buffer, length + 7, &decoded, &used, &reason), ==, GUEST_CHANGE_COMPLETE);
    g_assert_cmpuint(used, ==, length);
    g_assert_cmpmem(decoded.path, decoded.path_length, change.path, change.path_length);
    g_assert_cmpuint(decoded.mode, ==, change.mode);
    g_assert_cmpuint(decoded.uid, ==, change.uid);
    g_assert_cmpuint(decoded.gid, ==, change.gid);
    g_assert_cmpint(decoded.seconds, ==, -5);
    g_assert_cmpuint(decoded.nanoseconds, ==, 999999999);
    g_assert_cmpuint(decoded.size, ==, 10000);

    g_assert_true(guest_change_next_xattr(&decoded, &position, &name, &value, &length));
    g_assert_cmpstr(name, ==, "user.empty");
    g_assert_cmpuint(length, ==, 0);
    g_assert_true(guest_change_next_xattr(&decoded, &position, &name, &value, &length));
    g_assert_cmpstr(name, ==, "security.capability");
    g_assert_cmpmem(value, length, "\0\1\2", 3);
    g_assert_false(guest_change_next_xattr(&decoded, &position, &name, &value, &length));

    position = 0;
    g_assert_true(guest_change_next_extent(&decoded, &position, &offset, &extent_length));
    g_assert_true(guest_change_next_extent(&decoded, &position, &offset, &extent_length));
    g_assert_cmpuint(offset, ==, 4096);
    g_assert_cmpuint(extent_length, ==, 5904);
    g_assert_false(guest_change_next_extent(&decoded, &position, &offset, &extent_length));
    g_assert_cmpuint(guest_change_data_length(&decoded), ==, 5905);
}

/* No path leads out of where it is unpacked. */
static void
test_paths(void)
{
    static const gchar *const bad[] = { "", "/etc", "..", "../x", "a/../b", "a/..", "a//b", "a/", "./a", "a/./b" };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        struct guest_change change = make_file(bad[i]);

        assert_broken(&change, "path is broken");
        change.kind = GUEST_CHANGE_DELETED;
        assert_broken(&change, "path is broken");
        change = make_file("good");
        change.hard_link = true;
        change.size = 0;
        change.link = bad[i];
        change.link_length = strlen(bad[i]);
        assert_broken(&change, *bad[i] ? "hard link is broken" : "link is broken");
    }
    {
        struct guest_change change = make_file("a\0b");

        change.path_length = 3;
        assert_broken(&change, "path is broken");
    }
    {
        g_autofree gchar *name = g_strnfill(256, 'x');
        struct guest_change change = make_file(name);

        assert_broken(&change, "path is broken");
    }
}

static void
test_types(void)
{
    struct guest_change change = make_file("x");

    change.mode = S_IFCHR | 0600;
    change.size = 0;
    assert_broken(&change, "device is none");
    change.mode = S_IFSOCK | 0600;
    assert_broken(&change, "file is of an unknown type");
    change.mode = 0xffffffff;
    assert_broken(&change, "mode or time is out of range");
    change.mode = S_IFLNK | 0777;
    assert_broken(&change, "link is broken");
    change = make_file("x");
    change.size = GUEST_CHANGE_SIZE_MAX + 1;
    assert_broken(&change, "size is out of range");
    change = make_file("x");
    change.nanoseconds = 1000000000;
    assert_broken(&change, "mode or time is out of range");
    change = make_file("x");
    change.kind = 'x';
    assert_broken(&change, "change is of an unknown kind");
}

static void
assert_record_broken(const gchar *expected)
{
    struct guest_change decoded;
    const char *reason;
    size_t used, length = guest_change_finish(&writer);

    g_assert_cmpuint(length, >, 0);
    g_assert_cmpint(guest_change_decode(buffer, length, &decoded, &used, &reason), ==, GUEST_CHANGE_BROKEN);
    g_assert_cmpstr(reason, ==, expected);
}

static void
test_parts(void)
{
    static const struct {
        uint64_t offset, length;
    } extents[] = { { 0, 0 }, { 0, 10001 }, { 10000, 1 }, { 20000, 1 }, { 5000, G_MAXUINT64 } };
    struct guest_change change = make_file("x");

    for (gsize i = 0; i < G_N_ELEMENTS(extents); i++) {
        guest_change_begin(&writer, &change);
        guest_change_add_extent(&writer, extents[i].offset, extents[i].length);
        assert_record_broken("extents do not fit the file");
    }
    guest_change_begin(&writer, &change);
    guest_change_add_extent(&writer, 100, 100);
    guest_change_add_extent(&writer, 199, 100);
    assert_record_broken("extents do not fit the file");
    guest_change_begin(&writer, &change);
    guest_change_add_xattr(&writer, "trusted.overlay.opaque", "y", 1);
    assert_record_broken("attribute is the overlay's own");
    guest_change_begin(&writer, &change);
    guest_change_add_xattr(&writer, "", "y", 1);
    assert_record_broken("attribute has a broken name");
    guest_change_begin(&writer, &change);
    for (guint i = 0; i < 10; i++) {
        g_autofree gchar *value = g_malloc0(65536);

        guest_change_add_xattr(&writer, "user.much", value, 65536);
    }
    g_assert_cmpuint(guest_change_finish(&writer), ==, 0);
}

/* What a kind of record may not have is in none: each of these once was believed, or might be. */
static void
test_contract(void)
{
    static const gchar kinds[] = { GUEST_CHANGE_DELETED, GUEST_CHANGE_OPAQUE, GUEST_CHANGE_END, GUEST_CHANGE_FAILED };
    static const gchar *const reasons[] = { "deletion is none", "deletion is none", "end is none", "failure is none" };

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        gboolean has_path = kinds[i] == GUEST_CHANGE_DELETED || kinds[i] == GUEST_CHANGE_OPAQUE;
        struct guest_change plain = { .kind = kinds[i], .path = "x", .path_length = has_path ? 1 : 0 }, decoded;
        struct guest_change bad[] = { plain, plain, plain, plain, plain, plain, plain, plain };
        const char *reason;
        size_t used;

        g_assert_cmpuint(encode(&plain), >, 0);
        g_assert_cmpint(guest_change_decode(buffer, writer.length, &decoded, &used, &reason), ==,
                        GUEST_CHANGE_COMPLETE);
        bad[0].size = 1;
        bad[1].mode = S_IFREG | 0644;
        bad[2].hard_link = true;
        bad[3].uid = 1;
        bad[4].minor = 1;
        bad[5].seconds = 1;
        for (gsize field = 0; field < 6; field++)
            assert_broken(&bad[field], reasons[i]);
        if (kinds[i] != GUEST_CHANGE_FAILED) {
            bad[6].link = "y";
            bad[6].link_length = 1;
            assert_broken(&bad[6], reasons[i]);
        }
        if (!has_path) {
            bad[7].path_length = 1;
            assert_broken(&bad[7], reasons[i]);
        }
        guest_change_begin(&writer, &plain);
        guest_change_add_extent(&writer, 0, 10);
        assert_record_broken(reasons[i]);
        guest_change_begin(&writer, &plain);
        guest_change_add_xattr(&writer, "user.a", "b", 1);
        assert_record_broken(reasons[i]);
    }
}

/* Puts @extra bytes behind a record's extents, and says so in its lengths. */
static void
lengthen(gsize extra)
{
    gsize length = guest_change_finish(&writer);

    memset(buffer + length, 0, extra);
    writer.length += extra;
    buffer[GUEST_CHANGE_LENGTH_SIZE + GUEST_CHANGE_FIXED_SIZE - 4] += (guint8)extra;
}

static void
test_extents_length(void)
{
    static const gchar kinds[] = { GUEST_CHANGE_ADDED, GUEST_CHANGE_DELETED, GUEST_CHANGE_OPAQUE, GUEST_CHANGE_END };
    static const gchar *const reasons[] = { "extents are broken", "deletion is none", "deletion is none",
                                            "end is none" };

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        for (gsize extra = 1; extra < 16; extra++) {
            struct guest_change change = { .kind = kinds[i], .path = "x" };

            change.path_length = kinds[i] == GUEST_CHANGE_END ? 0 : 1;
            change.mode = kinds[i] == GUEST_CHANGE_ADDED ? S_IFREG | 0644 : 0;
            change.size = kinds[i] == GUEST_CHANGE_ADDED ? 100 : 0;
            guest_change_begin(&writer, &change);
            lengthen(extra);
            assert_record_broken(reasons[i]);
        }
    }
}

static void
test_files(void)
{
    struct guest_change change = make_file("x");

    change.major = 8;
    assert_broken(&change, "device number of what is no device");
    change = make_file("x");
    change.hard_link = true;
    change.link = "y";
    change.link_length = 1;
    assert_broken(&change, "hard link is broken");
    change.size = 0;
    guest_change_begin(&writer, &change);
    guest_change_add_xattr(&writer, "user.a", "b", 1);
    assert_record_broken("hard link is broken");
    g_assert_cmpuint(encode(&change), >, 0);
    buffer[GUEST_CHANGE_LENGTH_SIZE + 1] = 2;
    assert_record_broken("record has a broken flag");
    change = make_file("x");
    guest_change_begin(&writer, &change);
    for (guint i = 0; i <= GUEST_CHANGE_XATTRS_MAX; i++)
        guest_change_add_xattr(&writer, "user.a", "b", 1);
    assert_record_broken("file has too many attributes");
}

/* Whatever a record has become, reading it stays inside. */
static void
test_damage(void)
{
    struct guest_change change = make_file("etc/passwd"), decoded;
    gsize length;

    for (guint round = 0; round < 20000; round++) {
        g_autofree guint8 *copy = NULL;
        const char *reason, *name;
        const uint8_t *value;
        size_t used, size, position = 0;

        guest_change_begin(&writer, &change);
        guest_change_add_xattr(&writer, "user.a", "value", 5);
        guest_change_add_extent(&writer, 0, 10);
        length = guest_change_finish(&writer);
        copy = g_memdup2(buffer, length);
        if (round % 2)
            copy[GUEST_CHANGE_LENGTH_SIZE] = "ACDOEF"[g_random_int_range(0, 6)];
        for (gint flips = g_random_int_range(1, 4); flips > 0; flips--)
            copy[g_random_int_range(4, (gint32)length)] = (guint8)g_random_int();
        if (guest_change_decode(copy, length, &decoded, &used, &reason) != GUEST_CHANGE_COMPLETE)
            continue;
        g_assert_cmpuint(used, ==, length);
        while (guest_change_next_xattr(&decoded, &position, &name, &value, &size))
            g_assert_cmpuint(strlen(name), <, length);
        g_assert_cmpuint(guest_change_data_length(&decoded), <=, decoded.size);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/change/round-trip", test_round_trip);
    g_test_add_func("/change/paths", test_paths);
    g_test_add_func("/change/types", test_types);
    g_test_add_func("/change/parts", test_parts);
    g_test_add_func("/change/contract", test_contract);
    g_test_add_func("/change/extents-length", test_extents_length);
    g_test_add_func("/change/files", test_files);
    g_test_add_func("/change/damage", test_damage);
    return g_test_run();
}
