/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The manifest: what the guest's init must do, written by the host's builder. Compiled into both sides.
 * No GLib here.
 *
 * A text of lines. A line is a word and its fields, separated by one space. In a field, a byte up to 0x20, a
 * backslash and 0x7f are written \xHH; an empty field is written \e. The first line is "manifest 1"; the last
 * one is "end", so that a manifest that was cut off is noticed.
 */

#include <stdbool.h>
#include <stddef.h>

#define GUEST_MANIFEST_VERSION "1"
#define GUEST_MANIFEST_FIELDS_MAX 8
/* Enough for the longest argument list that execve takes, escaped; more is a mistake. */
#define GUEST_MANIFEST_SIZE_MAX (64u * 1024 * 1024)

/* Where the first root of a guest holds it. */
#define GUEST_MANIFEST_PATH "/manifest"
#define GUEST_FILTER_PATH "/filter"
/* The name of a single file of the host in a directory of its own. */
#define GUEST_FILE_NAME "file"

/* As printf() writes the IDENTITY. */
#define GUEST_SUBMOUNT_IDENTITY "%u:%u:%llu"

/*
 * All words. Each has its name in the program and in the text, how many fields it has, and how many lines of a
 * manifest it starts; ONE and AT_LEAST_ONE must be there. The comment before a word names its fields, and says
 * (machine) or (container) of a word that is only for one of them.
 */
/* clang-format off */
#define GUEST_MANIFEST_WORDS(WORD) \
    /* VERSION */ \
    WORD(MANIFEST, "manifest", 1, ONE) \
    /* machine|container */ \
    WORD(DRIVER, "driver", 1, ONE) \
    /* init prints on its console what it does */ \
    WORD(DEBUG, "debug", 0, AT_MOST_ONE) \
    /* init reports when each step of the start was done */ \
    WORD(MOMENTS, "moments", 0, AT_MOST_ONE) \
    /* NAME */ \
    WORD(HOSTNAME, "hostname", 1, AT_MOST_ONE) \
    /* PATH: (machine) loaded in this order */ \
    WORD(MODULE, "module", 1, ANY) \
    /* TYPE PATH: (machine) a module to load for this type of file system, in this order, when there is one to
     * mount */ \
    WORD(FILESYSTEM, "filesystem", 2, ANY) \
    /* INSIDE OUTSIDE COUNT: (container) COUNT users and groups from INSIDE on are those from OUTSIDE on to the
     * kernel. Without a line all keep their numbers */ \
    WORD(USERS, "users", 3, ANY) \
    /* KIND SOURCE OPTIONS ro|rw: KIND 9p, virtiofs (SOURCE a tag), bind (SOURCE a directory of the first root)
     * or image (SOURCE a disk as below: the file system on it) */ \
    WORD(ROOT, "root", 4, ONE) \
    /* TARGET SOURCE IDENTITY: (container) a host file system below the root: SOURCE of the first root is bound
     * read-only on TARGET, if TARGET is there and SOURCE has the IDENTITY MAJOR:MINOR:INODE, in decimal; empty:
     * nobody else can exchange SOURCE */ \
    WORD(SUBMOUNT, "submount", 3, ANY) \
    /* PLACE: what the program writes to root and submounts goes to memory if PLACE is empty, else to that
     * directory of the first root, or (machine, without a slash) to the file system on the disk with this serial
     * number */ \
    WORD(OVERLAY, "overlay", 1, AT_MOST_ONE) \
    /* list|tar: with an overlay: at the end the guest reports what changed, for a list, or for a tar with the
     * content of all files */ \
    WORD(CHANGES, "changes", 1, AT_MOST_ONE) \
    /* PATH: (machine) a directory of the root. If the host's side may not search it, the program sees it empty:
     * writable in an overlay, else as read-only as the root */ \
    WORD(CLOSED, "closed", 1, ANY) \
    /* KIND TARGET SOURCE OPTIONS ro|rw: KIND tmpfs (SOURCE: size in bytes), 9p, virtiofs (a tag), 9p-file (a
     * tag, of a directory whose only file is GUEST_FILE_NAME), bind (a directory or file of the first root),
     * guest-bind (the same of the root), image (a disk as below: the file system on it) */ \
    WORD(MOUNT, "mount", 5, ANY) \
    /* KIND TARGET SOURCE OPTIONS: the content of SOURCE is copied into the mount on TARGET; KIND 9p or bind */ \
    WORD(INCLUDE, "include", 4, ANY) \
    /* TAG SOURCE: the program's block device TAG; SOURCE is its path in the first root, or (machine) its serial
     * number, which has no slash */ \
    WORD(DISK, "disk", 2, ANY) \
    /* PATH: the program cannot see what is there, if anything */ \
    WORD(HIDE, "hide", 1, ANY) \
    /* NAME TARGET: a symbolic link in /run, where /run is the sandbox's own */ \
    WORD(LINK, "link", 2, ANY) \
    /* PATH SIZE: memory on PATH, where "home" leads, for the program's user; SIZE in bytes, or empty: half of
     * the memory */ \
    WORD(PRIVATE_HOME, "private-home", 2, AT_MOST_ONE) \
    /* PATH: a path below the private home: the program sees, read-only, what the root has there */ \
    WORD(TOOLCHAIN, "toolchain", 1, ANY) \
    /* MAC MODE: brought up; MODE "static": it takes nothing from IPv6 routers, or "auto" */ \
    WORD(INTERFACE, "interface", 2, ANY) \
    /* MAC IP PREFIX BROADCAST: an address of that interface; BROADCAST empty: the usual one */ \
    WORD(ADDRESS, "address", 4, ANY) \
    /* MAC IP PREFIX GATEWAY: by that interface to IP/PREFIX; GATEWAY empty: without one */ \
    WORD(ROUTE, "route", 4, ANY) \
    /* MAC: the interface is configured by DHCP */ \
    WORD(DHCP, "dhcp", 1, ANY) \
    /* IP: in /etc/resolv.conf */ \
    WORD(NAMESERVER, "nameserver", 1, ANY) \
    /* DOMAINS: in /etc/resolv.conf, separated by spaces, where there is a name server and DHCP gives no domain */ \
    WORD(SEARCH, "search", 1, AT_MOST_ONE) \
    /* IP PREFIX NAMESERVER: no program can send to IP/PREFIX by any interface but loopback; NAMESERVER in it,
     * unless empty, may be asked for names */ \
    WORD(FORBID, "forbid", 3, ANY) \
    /* NUMBER: of the program's user */ \
    WORD(UID, "uid", 1, ONE) \
    /* NUMBER: of the program's group */ \
    WORD(GID, "gid", 1, ONE) \
    /* NAME */ \
    WORD(USER, "user", 1, AT_MOST_ONE) \
    /* DIRECTORY */ \
    WORD(HOME, "home", 1, AT_MOST_ONE) \
    /* KEY VALUE */ \
    WORD(ENV, "env", 2, ANY) \
    /* DIRECTORY: where the program starts: an error if it is missing. Without a line: home, else / */ \
    WORD(WORKDIR, "workdir", 1, AT_MOST_ONE) \
    /* if the directory is missing: as without it */ \
    WORD(WORKDIR_OPTIONAL, "workdir-optional", 0, AT_MOST_ONE) \
    /* the program keeps the guest's capabilities */ \
    WORD(PRIVILEGED, "privileged", 0, AT_MOST_ONE) \
    /* FILE: (container) a system call filter for the program, in the first root */ \
    WORD(FILTER, "filter", 1, AT_MOST_ONE) \
    /* STREAMS: the program gets a terminal of its own, which is those of its descriptors that STREAMS names: of the
     * digits 0, 1 and 2, in this order, 1 or 2 at least. What is typed comes with standard input if that is the
     * terminal, else, if standard output is, by a stream of its own. From a terminal that is standard error alone
     * nothing is read, and it does not control the program's session */ \
    WORD(TTY, "tty", 1, AT_MOST_ONE) \
    /* DEVICE: a shell on this console of the first /dev */ \
    WORD(SHELL, "shell", 1, AT_MOST_ONE) \
    /* there is no channel to the host: the program starts at once, reads nothing, and writes to the guest's
     * console */ \
    WORD(SERVICE, "service", 0, AT_MOST_ONE) \
    /* VALUE: an argument; the first is the program */ \
    WORD(ARG, "arg", 1, AT_LEAST_ONE) \
    WORD(END, "end", 0, ONE)
/* clang-format on */

#define GUEST_WORD_ENUM(id, name, fields, lines) GUEST_WORD_##id,
enum guest_word { GUEST_MANIFEST_WORDS(GUEST_WORD_ENUM) GUEST_WORD_COUNT };
#undef GUEST_WORD_ENUM

struct guest_directive {
    enum guest_word word;
    size_t field_count;
    char *fields[GUEST_MANIFEST_FIELDS_MAX];
    unsigned line;
};

struct guest_manifest {
    size_t count;
    struct guest_directive *directives;
};

/* Text that grows; free with guest_manifest_text_clear(). */
struct guest_manifest_text {
    char *data;
    size_t length;
    size_t allocated;
    bool failed; /* out of memory or over GUEST_MANIFEST_SIZE_MAX; nothing is appended any more */
};

/* Appends one line: @word and its fields, ended by NULL. */
void guest_manifest_append(struct guest_manifest_text *text, enum guest_word word, ...) __attribute__((sentinel));
void guest_manifest_text_clear(struct guest_manifest_text *text);

/*
 * Parses @text in place (fields point into it, so it must outlive @manifest). Checks the version, that
 * every word is known and has its number of fields, escapes, and the "end". On failure returns false with a
 * static reason and the line.
 */
bool guest_manifest_parse(struct guest_manifest *manifest, char *text, size_t length, const char **reason,
                          unsigned *line);
void guest_manifest_clear(struct guest_manifest *manifest);

/* Whether @text is what "tty" can have; then says of the descriptors 0, 1 and 2 which are the terminal. */
bool guest_manifest_read_tty(const char *text, bool terminal[3]);

/* The next line with that word after @previous, or the first after NULL; NULL after the last. */
const struct guest_directive *guest_manifest_next(const struct guest_manifest *manifest, enum guest_word word,
                                                  const struct guest_directive *previous);
/* The first line with that word, or NULL. */
const struct guest_directive *guest_manifest_find(const struct guest_manifest *manifest, enum guest_word word);
/* Its first field, or NULL without the line. */
const char *guest_manifest_value(const struct guest_manifest *manifest, enum guest_word word);
/* The first word that the host must give and has not given, or NULL. */
const char *guest_manifest_missing(const struct guest_manifest *manifest);

/* As the word stands in the text. */
const char *guest_word_name(enum guest_word word);
size_t guest_word_field_count(enum guest_word word);
