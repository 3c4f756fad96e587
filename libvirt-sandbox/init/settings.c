/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/settings.h"

#include "libvirt-sandbox/guest/frame.h"
#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/power.h"
#include "libvirt-sandbox/init/kernel/path.h"
#include "libvirt-sandbox/init/wire/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The kernel accepts so many instructions, of eight bytes each. */
#define FILTER_SIZE_MAX (4096 * 8)

static noreturn void
fail_memory(void)
{
    fail(GUEST_STAGE_MANIFEST, ENOMEM, "manifest");
}

/* Reads a file that the builder wrote, and adds a null byte. */
static char *
read_file(const char *path, size_t length_max, size_t *length)
{
    struct stat status;
    char *text;
    size_t done = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &status) < 0) {
        fail(GUEST_STAGE_MANIFEST, errno, "%s", path);
    }
    if ((size_t)status.st_size > length_max) {
        fail(GUEST_STAGE_MANIFEST, EFBIG, "%s", path);
    }
    *length = (size_t)status.st_size;
    text = malloc(*length + 1);
    if (!text) {
        fail_memory();
    }
    while (done < *length) {
        ssize_t count = read(fd, text + done, *length - done);

        if (count <= 0) {
            fail(GUEST_STAGE_MANIFEST, count < 0 ? errno : EIO, "%s", path);
        }
        done += (size_t)count;
    }
    close(fd);
    text[*length] = '\0';
    return text;
}

static unsigned
read_id(const struct guest_manifest *manifest, enum guest_word word)
{
    const char *value = guest_manifest_value(manifest, word);
    char *end;
    unsigned long long number;

    errno = 0;
    number = strtoull(value, &end, 10);
    /* The highest number is not a valid id: system calls take it as "unchanged". */
    if (*value < '0' || *value > '9' || *end || errno || number >= UINT32_MAX) {
        fail(GUEST_STAGE_MANIFEST, EINVAL, "manifest: %s %s", guest_word_name(word), value);
    }
    return (unsigned)number;
}

static void
read_arguments(struct settings *settings)
{
    const struct guest_manifest *manifest = &settings->manifest;
    const struct guest_directive *argument = NULL;
    size_t count = 0;

    settings->arguments = calloc(manifest->count + 1, sizeof(char *));
    if (!settings->arguments) {
        fail_memory();
    }
    while ((argument = guest_manifest_next(manifest, GUEST_WORD_ARG, argument))) {
        settings->arguments[count++] = argument->fields[0];
    }
}

static void
set_variable(char **environment, const char *key, const char *value)
{
    size_t length = strlen(key);
    char *text;

    if (asprintf(&text, "%s=%s", key, value) < 0) {
        fail_memory();
    }
    while (*environment && strncmp(*environment, text, length + 1) != 0) {
        environment++;
    }
    free(*environment);
    *environment = text;
}

/* Starts from an empty environment, adds what a login would set, and then the variables of the manifest. */
static void
make_environment(struct settings *settings)
{
    const struct guest_manifest *manifest = &settings->manifest;
    const struct guest_directive *variable = NULL;

    settings->environment = calloc(manifest->count + 8, sizeof(char *));
    if (!settings->environment) {
        fail_memory();
    }
    set_variable(settings->environment, "PATH", DEFAULT_PATH);
    set_variable(settings->environment, "HOME", settings->home);
    set_variable(settings->environment, "USER", settings->user);
    set_variable(settings->environment, "LOGNAME", settings->user);
    if (settings->runtime_directory) {
        set_variable(settings->environment, "XDG_RUNTIME_DIR", settings->runtime_directory);
    }
    while ((variable = guest_manifest_next(manifest, GUEST_WORD_ENV, variable))) {
        set_variable(settings->environment, variable->fields[0], variable->fields[1]);
    }
}

/* A program with a private home gets a runtime directory, unless /run is a mount of the manifest, which need not
 * contain one. */
static void
choose_runtime_directory(struct settings *settings)
{
    const struct guest_directive *mount = NULL;
    char *path;

    while ((mount = guest_manifest_next(&settings->manifest, GUEST_WORD_MOUNT, mount))) {
        if (path_is_same(mount->fields[1], "/run")) {
            return;
        }
    }
    if (asprintf(&path, "/run/user/%u", settings->uid) < 0) {
        fail_memory();
    }
    settings->runtime_directory = path;
}

static bool
has(const struct settings *settings, enum guest_word word)
{
    return guest_manifest_find(&settings->manifest, word) != NULL;
}

static const char *
value_or(const struct settings *settings, enum guest_word word, const char *otherwise)
{
    const char *value = guest_manifest_value(&settings->manifest, word);

    return value ? value : otherwise;
}

static void
read_filter(struct settings *settings)
{
    const char *path = value_or(settings, GUEST_WORD_FILTER, NULL);

    if (path) {
        settings->filter = read_file(path, FILTER_SIZE_MAX, &settings->filter_length);
    }
}

/* A container inherits its channel as a descriptor, so that the host learns of every failure. A machine must load
 * modules first, so a broken manifest is only reported on its console. */
static bool
has_socket(void)
{
    struct stat status;

    return fstat(GUEST_CHANNEL_FD, &status) == 0 && S_ISSOCK(status.st_mode);
}

/* A service has no channel. libvirt tells a container its UUID in the environment. */
static bool
looks_like_container(void)
{
    return has_socket() || getenv("LIBVIRT_LXC_UUID");
}

static void
read_terminal(struct settings *settings)
{
    const char *streams = value_or(settings, GUEST_WORD_TTY, NULL);

    settings->tty = streams != NULL;
    if (streams && !guest_manifest_read_tty(streams, settings->terminal)) {
        fail(GUEST_STAGE_MANIFEST, 0, "manifest: tty %s", streams);
    }
    settings->keys = settings->terminal[GUEST_STREAM_STDIN] || settings->terminal[GUEST_STREAM_STDOUT];
}

static void
read_manifest(struct settings *settings)
{
    const char *wanted = settings->machine ? "machine" : "container";
    const char *reason, *driver;
    unsigned line;
    size_t length;
    char *text = read_file(GUEST_MANIFEST_PATH, GUEST_MANIFEST_SIZE_MAX, &length);

    if (!guest_manifest_parse(&settings->manifest, text, length, &reason, &line)) {
        fail(GUEST_STAGE_MANIFEST, 0, "manifest: line %u: %s", line, reason);
    }
    reason = guest_manifest_missing(&settings->manifest);
    if (reason) {
        fail(GUEST_STAGE_MANIFEST, 0, "manifest: no %s", reason);
    }
    driver = guest_manifest_value(&settings->manifest, GUEST_WORD_DRIVER);
    if (strcmp(driver, wanted) != 0) {
        fail(GUEST_STAGE_MANIFEST, 0, "manifest: driver \"%s\" in a %s", driver, wanted);
    }
}

void
settings_read(struct settings *settings)
{
    settings->machine = !looks_like_container();
    power_set_machine(settings->machine);
    if (has_socket()) {
        channel_open_socket();
    }
    read_manifest(settings);
    settings->debug = has(settings, GUEST_WORD_DEBUG);
    if (settings->debug) {
        log_enable_debug();
    }
    settings->privileged = has(settings, GUEST_WORD_PRIVILEGED);
    read_terminal(settings);
    settings->service = has(settings, GUEST_WORD_SERVICE);
    if (!settings->machine && !settings->service && !channel_is_open()) {
        fail(GUEST_STAGE_WIRE, 0, "the host gave no connection");
    }
    settings->uid = read_id(&settings->manifest, GUEST_WORD_UID);
    settings->gid = read_id(&settings->manifest, GUEST_WORD_GID);
    settings->user = value_or(settings, GUEST_WORD_USER, settings->uid == 0 ? "root" : "nobody");
    settings->home = value_or(settings, GUEST_WORD_HOME, "/");
    settings->hostname = value_or(settings, GUEST_WORD_HOSTNAME, "sandbox");
    settings->workdir = value_or(settings, GUEST_WORD_WORKDIR, NULL);
    settings->workdir_optional = has(settings, GUEST_WORD_WORKDIR_OPTIONAL);
    settings->shell = value_or(settings, GUEST_WORD_SHELL, NULL);
    settings->overlay = value_or(settings, GUEST_WORD_OVERLAY, NULL);
    settings->changes = settings->overlay ? value_or(settings, GUEST_WORD_CHANGES, NULL) : NULL;
    if (has(settings, GUEST_WORD_PRIVATE_HOME)) {
        choose_runtime_directory(settings);
    }
    read_filter(settings);
    read_arguments(settings);
    make_environment(settings);
    log_debug("manifest of %zu lines read", settings->manifest.count);
}
