/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The manifest: what the guest's init must do, written by the host's builder. Compiled into both sides.
 * No GLib here.
 *
 * A text of lines. A line is a directive and its fields, separated by one space. In a field, a byte up
 * to 0x20, a backslash and 0x7f are written \xHH; an empty field is written \e. The first line is
 * "manifest 1"; the last one is "end", so that a cut-off manifest is seen.
 *
 *   manifest VERSION
 *   driver machine|container
 *   debug                          init says on its console what it does
 *   hostname NAME
 *   module PATH                    (machine) loaded in this order
 *   filesystem TYPE PATH           (machine) a module to load for this type of file system, in this
 *                                  order, when there is one to mount
 *   users INSIDE OUTSIDE COUNT     (container) so many users and groups from INSIDE on are those from OUTSIDE on to
 *                                  the kernel; any number of lines. Without one all keep their numbers
 *   root KIND SOURCE OPTIONS ro|rw KIND 9p, virtiofs (SOURCE a tag), bind (SOURCE a directory of the first
 *                                  root) or image (SOURCE a disk as below: the file system on it)
 *   submount TARGET SOURCE IDENTITY (container) a host file system below the root: SOURCE of the first root is
 *                                  bound read-only on TARGET, if that is there, and SOURCE has the IDENTITY
 *                                  MAJOR:MINOR:INODE, in decimal; empty: nobody else can exchange it
 *   overlay PLACE                  what the program writes to root and submounts goes to memory, or
 *                                  with a PLACE to that directory of the first root, or (machine, without
 *                                  a slash) to the file system on the disk with this serial number
 *   changes list|tar               with an overlay: at the end the guest tells what changed, for a
 *                                  list, or for a tar with all that is in the files
 *   closed PATH                    (machine) a directory of the root which, if the host's side may not search
 *                                  it, is shown empty: in an overlay to be written, else as read-only as the root
 *   mount KIND TARGET SOURCE OPTIONS ro|rw
 *                                  KIND tmpfs (SOURCE: size in bytes), 9p, virtiofs (a tag), 9p-file (a
 *                                  tag, of a directory with the file GUEST_FILE_NAME alone), bind (a
 *                                  directory or file of the first root), guest-bind (the same of the
 *                                  root), image (a disk as below: the file system on it)
 *   include KIND TARGET SOURCE OPTIONS
 *                                  what is in SOURCE is copied into the mount on TARGET; KIND 9p or bind
 *   disk TAG SOURCE                the program's block device TAG; SOURCE its path in the first root, or
 *                                  (machine) its serial number, which has no slash
 *   hide PATH                      what is there, if anything, is not for the program
 *   link NAME TARGET               a symbolic link of that name in /run, where that is the sandbox's own
 *   private-home PATH SIZE         memory on PATH, where "home" leads, for the program's user; SIZE in bytes, or
 *                                  empty: half of the memory
 *   toolchain PATH                 what the root has at PATH below that is seen there, read-only
 *   interface MAC MODE             brought up; MODE "static": it takes nothing from IPv6 routers, "auto"
 *   address MAC IP PREFIX BROADCAST an address of that interface; BROADCAST empty: the usual one
 *   route MAC IP PREFIX GATEWAY    by that interface to IP/PREFIX; GATEWAY empty: without one
 *   dhcp MAC                       the interface is configured by DHCP
 *   nameserver IP                  in /etc/resolv.conf
 *   search DOMAINS                 the same, separated by spaces, where there is a name server and DHCP tells none
 *   forbid IP PREFIX NAMESERVER    no program can send to IP/PREFIX by any interface but loopback;
 *                                  NAMESERVER in it, unless empty, may be asked for names
 *   uid N, gid N, user NAME, home DIR
 *   env KEY VALUE
 *   workdir DIR                    where the program starts: an error if it is missing. Without it: home, else /
 *   workdir-optional               no error: as without a DIR
 *   privileged                     the program keeps the guest's capabilities
 *   filter FILE                    (container) a system call filter for the program, in the first root
 *   tty STREAMS                    the program gets a terminal of its own, which is those of its descriptors that
 *                                  STREAMS names: of the digits 0, 1 and 2, in this order, 1 or 2 at least. What is
 *                                  typed comes with standard input if that is the terminal, else, if standard output
 *                                  is, by a stream of its own. Of standard error alone nothing is read, and it does
 *                                  not control the program's session
 *   shell DEVICE                   a shell on this console of the first /dev
 *   service                        nobody is at the other end of the channel: the program starts at once,
 *                                  reads nothing, and writes to the guest's console
 *   arg VALUE                      once for each argument; the first is the program
 *   end
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
/* By this name a single file of the host is in a directory of its own. */
#define GUEST_FILE_NAME "file"

/* As printf() writes the IDENTITY. */
#define GUEST_SUBMOUNT_IDENTITY "%u:%u:%llu"

struct guest_directive {
    const char *name;
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

/* Appends one line; @directive and then its fields, ended by NULL. */
void guest_manifest_append(struct guest_manifest_text *text, const char *directive, ...) __attribute__((sentinel));
void guest_manifest_text_clear(struct guest_manifest_text *text);

/*
 * Parses @text in place (fields point into it, so it must outlive @manifest). Checks the version, that
 * every directive is known and has its number of fields, escapes, and the "end". On failure returns
 * false with a static reason and the line.
 */
bool guest_manifest_parse(struct guest_manifest *manifest, char *text, size_t length, const char **reason,
                          unsigned *line);
void guest_manifest_clear(struct guest_manifest *manifest);

/* Whether @text is what "tty" can have; then says of the descriptors 0, 1 and 2 which are the terminal. */
bool guest_manifest_read_tty(const char *text, bool terminal[3]);

/* The first directive of that name, or NULL. */
const struct guest_directive *guest_manifest_find(const struct guest_manifest *manifest, const char *name);
/* Its first field, or NULL without the directive. */
const char *guest_manifest_value(const struct guest_manifest *manifest, const char *name);
