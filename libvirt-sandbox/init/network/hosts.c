/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/network/hosts.h"

#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/root/etc-file.h"
#include "libvirt-sandbox/init/kernel/kernel-files.h"
#include "libvirt-sandbox/init/root/root.h"
#include "libvirt-sandbox/init/settings.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* /etc/hosts of the root, with the sandbox's own name added: many programs look up the name of their host. */

#define HOSTS "/etc/hosts"
/* The file is in the memory of /dev, which holds twice as much. */
#define HOSTS_SIZE_MAX (512 * 1024)
/* The content if the root has none. */
#define LOCALHOST "127.0.0.1\tlocalhost\n::1\tlocalhost\n"
/* Not the address of localhost, which has a name; valid in every network. */
#define OWN_ADDRESS "127.0.1.1"

/* @target may be anything, or a link to anything. Only a file that everybody may read can be shown to everybody. */
static int
open_readable(int target, size_t *size)
{
    char path[32];
    struct stat status;

    if (fstat(target, &status) < 0 || !S_ISREG(status.st_mode) || !(status.st_mode & S_IROTH) ||
        status.st_size > HOSTS_SIZE_MAX) {
        return -1;
    }
    *size = (size_t)status.st_size;
    snprintf(path, sizeof(path), "self/fd/%d", target);
    return openat(kernel_files(), path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

/* Adds a null byte, and leaves room for @more bytes; NULL if the file cannot be read. */
static char *
read_hosts(int target, size_t more)
{
    size_t size, length = 0;
    int fd = open_readable(target, &size);
    char *text = fd < 0 ? NULL : malloc(size + more + 1);
    ssize_t count = 0;

    while (text && length < size && (count = read(fd, text + length, size - length)) > 0) {
        length += (size_t)count;
    }
    if (fd >= 0) {
        close(fd);
    }
    if (text && count < 0) {
        free(text);
        return NULL;
    }
    if (text) {
        text[length] = '\0';
    }
    return text;
}

/* Whether a line of @text names an address of @name; changes @text. */
static bool
has_name(char *text, const char *name)
{
    char *line;

    while ((line = strsep(&text, "\n"))) {
        char *rest, *word = strtok_r(line, " \t\r", &rest);

        while (word && *word != '#' && (word = strtok_r(NULL, " \t\r", &rest)) && *word != '#') {
            if (strcasecmp(word, name) == 0) {
                return true;
            }
        }
    }
    return false;
}

static bool
is_known(const char *text, const char *name)
{
    char *copy = strdup(text);
    bool known = !copy || has_name(copy, name);

    free(copy);
    return known;
}

static bool
is_host_name(const char *name)
{
    for (const char *c = name; *c; c++) {
        if (!isalnum((unsigned char)*c) && !strchr("-._", *c)) {
            return false;
        }
    }
    return *name != '\0';
}

/* Creates the file only if it does not become part of what the program writes. */
static int
make_target(void)
{
    struct statvfs status;
    int directory = root_open("/etc");
    bool read_only = directory >= 0 && fstatvfs(directory, &status) == 0 && status.f_flag & ST_RDONLY;

    if (directory >= 0) {
        close(directory);
    }
    if (!read_only) {
        errno = ENOENT;
        return -1;
    }
    return root_open_target(HOSTS, false);
}

static char *
obtain_text(int *target, size_t more)
{
    char *text;

    *target = root_open(HOSTS);
    if (*target >= 0) {
        return read_hosts(*target, more);
    }
    *target = errno == ENOENT ? make_target() : -1;
    text = *target < 0 ? NULL : malloc(sizeof(LOCALHOST) + more);
    return text ? strcpy(text, LOCALHOST) : NULL;
}

void
hosts_mount(const struct settings *settings)
{
    const char *name = settings->hostname;
    size_t more = sizeof("\n" OWN_ADDRESS "\t\n") + strlen(name);
    int target;
    char *text = obtain_text(&target, more);
    size_t length;

    if (!text || !is_host_name(name) || is_known(text, name)) {
        log_debug("%s is as the root has it", HOSTS);
        free(text);
        if (target >= 0) {
            close(target);
        }
        return;
    }
    length = strlen(text);
    length += (size_t)sprintf(text + length, "%s" OWN_ADDRESS "\t%s\n",
                              length > 0 && text[length - 1] != '\n' ? "\n" : "", name);
    if (!etc_file_mount(target, text, length)) {
        fail(GUEST_STAGE_MOUNTS, errno, "mount %s", HOSTS);
    }
    free(text);
}
