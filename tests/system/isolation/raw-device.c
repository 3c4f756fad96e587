/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Drives a 9p device by its registers, in the old form that virtio devices have on a machine's first bus.
 * Where there are no such registers nothing is tried.
 */

#include "raw-device.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__x86_64__)

#include <linux/virtio_ring.h>
#include <sys/io.h>

#define SYSFS "/raw-sys"
#define PROCFS "/raw-proc"
#define DEVICES SYSFS "/bus/virtio/devices"
#define UNBIND SYSFS "/bus/virtio/drivers/9pnet_virtio/unbind"
#define PAGE 4096u
#define PAGES 256
#define TURNS 50000000

enum { FEATURES = 4, QUEUE_PAGE = 8, QUEUE_SIZE = 12, QUEUE_SELECT = 14, QUEUE_NOTIFY = 16, STATUS = 18 };

static uint16_t port;
static struct vring ring;
static uint8_t *out, *in;
static uint64_t out_address, in_address;
static uint16_t last;

static bool
read_file(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, size - 1);

    if (fd >= 0) {
        close(fd);
    }
    text[length < 0 ? 0 : length] = '\0';
    return length > 0;
}

/* The name of the device below DEVICES. */
static bool
find_device(const char *tag, char *name, size_t size)
{
    DIR *directory = opendir(DEVICES);
    struct dirent *entry;
    bool found = false;

    while (directory && !found && (entry = readdir(directory))) {
        char path[PATH_MAX], text[64];

        snprintf(path, sizeof(path), DEVICES "/%s/mount_tag", entry->d_name);
        found = read_file(path, text, sizeof(text)) && strncmp(text, tag, strlen(tag)) == 0;
        snprintf(name, size, "%s", entry->d_name);
    }
    if (directory) {
        closedir(directory);
    }
    return found;
}

static bool
take_from_kernel(const char *name)
{
    int fd = open(UNBIND, O_WRONLY | O_CLOEXEC);
    bool taken = fd >= 0 && write(fd, name, strlen(name)) > 0;

    if (fd >= 0) {
        close(fd);
    }
    return taken;
}

static bool
find_port(const char *name)
{
    char path[PATH_MAX], text[512];
    unsigned long long start, end, flags;

    snprintf(path, sizeof(path), DEVICES "/%s/../resource", name);
    if (!read_file(path, text, sizeof(text)) || sscanf(text, "%llx %llx %llx", &start, &end, &flags) != 3 ||
        !(flags & 0x100) || iopl(3) < 0) {
        return false;
    }
    port = (uint16_t)start;
    return true;
}

static uint64_t
address_of(const void *page)
{
    int fd = open(PROCFS "/self/pagemap", O_RDONLY | O_CLOEXEC);
    uint64_t entry = 0;

    if (fd < 0 || pread(fd, &entry, sizeof(entry), (off_t)((uintptr_t)page / PAGE * sizeof(entry))) < 0) {
        entry = 0;
    }
    if (fd >= 0) {
        close(fd);
    }
    return (entry & ((1ull << 55) - 1)) * PAGE;
}

/* Two pages that follow each other in the machine's memory too, and two more. */
static uint64_t
find_pages(uint8_t **first)
{
    uint8_t *memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0);

    if (memory == MAP_FAILED) {
        return 0;
    }
    out = memory;
    in = memory + PAGE;
    out_address = address_of(out);
    in_address = address_of(in);
    for (uint8_t *page = memory + 2 * PAGE; page < memory + (PAGES - 1) * PAGE; page += PAGE) {
        uint64_t address = address_of(page);

        if (address != 0 && address_of(page + PAGE) == address + PAGE) {
            *first = page;
            return address;
        }
    }
    return 0;
}

static bool
set_up(void)
{
    uint8_t *pages = NULL;
    uint64_t address = find_pages(&pages);
    uint16_t size;

    if (address == 0) {
        return false;
    }
    outb(0, port + STATUS);
    outb(3, port + STATUS);
    outl(0, port + FEATURES);
    outw(0, port + QUEUE_SELECT);
    size = inw(port + QUEUE_SIZE);
    if (size == 0 || vring_size(size, PAGE) > 2 * PAGE) {
        return false;
    }
    memset(pages, 0, 2 * PAGE);
    vring_init(&ring, size, pages, PAGE);
    ring.avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
    outl((uint32_t)(address / PAGE), port + QUEUE_PAGE);
    outb(7, port + STATUS);
    last = 0;
    return true;
}

const char *
raw_device_open(const char *tag)
{
    char name[NAME_MAX + 1];

    mkdir(SYSFS, 0700);
    mkdir(PROCFS, 0700);
    mount("sysfs", SYSFS, "sysfs", 0, NULL);
    mount("proc", PROCFS, "proc", 0, NULL);
    if (!find_device(tag, name, sizeof(name)) || !take_from_kernel(name)) {
        return "no such device";
    }
    if (!find_port(name)) {
        return "no registers";
    }
    return set_up() ? NULL : "no queue";
}

uint32_t
raw_device_ask(const void *request, uint32_t length, void *reply, uint32_t size)
{
    volatile uint16_t *used = &ring.used->idx;
    uint32_t got;

    memcpy(out, request, length);
    ring.desc[0] = (struct vring_desc){ out_address, length, VRING_DESC_F_NEXT, 1 };
    ring.desc[1] = (struct vring_desc){ in_address, PAGE, VRING_DESC_F_WRITE, 0 };
    ring.avail->ring[last % ring.num] = 0;
    __sync_synchronize();
    ring.avail->idx = ++last;
    __sync_synchronize();
    outw(0, port + QUEUE_NOTIFY);
    for (int turn = 0; *used != last; turn++) {
        if (turn == TURNS) {
            return 0;
        }
    }
    __sync_synchronize();
    got = ring.used->ring[(uint16_t)(last - 1) % ring.num].len;
    got = got < size ? got : size;
    memcpy(reply, in, got);
    return got;
}

#else

const char *
raw_device_open(const char *tag)
{
    (void)tag;
    return "no registers";
}

uint32_t
raw_device_ask(const void *request, uint32_t length, void *reply, uint32_t size)
{
    (void)request, (void)length, (void)reply, (void)size;
    return 0;
}

#endif
