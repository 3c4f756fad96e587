/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The program that is process 1 of every sandbox: statically linked, no GLib, the same for machines
 * and containers. main() in main.c has the order of the steps; each file here is one topic,
 * declared below in that order. Every step either succeeds or ends the sandbox through fail().
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <sys/mount.h>
#include <sys/types.h>

#include "libvirt-sandbox/guest/frame.h"
#include "libvirt-sandbox/guest/manifest.h"

/* settings.c: the manifest, checked, in the form in which the steps need it */

struct settings {
    struct guest_manifest manifest;
    bool machine;
    bool debug;
    bool privileged;
    const char *overlay; /* a directory of the first root or a disk for its layers, or "" for memory;
                          * NULL: none */
    const char *changes; /* "list", "tar" or NULL */
    void *filter;        /* of the program's system calls, or NULL */
    size_t filter_length;
    bool tty;
    bool terminal[GUEST_STREAM_COUNT]; /* the descriptors that are it */
    bool keys;                         /* somebody types on it, and it controls the program's session */
    bool service;
    const char *runtime_directory; /* of the program's session, or NULL */
    uid_t uid;
    gid_t gid;
    const char *user;
    const char *home;
    const char *hostname;
    const char *workdir;
    bool workdir_optional;
    const char *shell;
    char **arguments;
    char **environment;
};

/* Where programs are looked for, if nothing else is asked for. */
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

void settings_read(struct settings *settings);

/* log.c: what goes to the guest's console */

void log_open(void);
void log_enable(void);
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* As note(), but also where nobody asked for it. */
void announce(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* fail.c: the end of the sandbox for a reason */

/* Reports the reason on the console and to the host, and ends the sandbox. */
noreturn void fail(enum guest_fail_stage stage, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
typedef void fail_reporter(enum guest_fail_stage stage, int error, const char *text);
/* Set by the channel when it is open: what sends the reason to the host. */
void fail_set_reporter(fail_reporter *reporter);

/* power.c: the end, whatever led to it */

void power_set_machine(bool machine);
noreturn void power_off(void);

/* modules.c: the first root of a machine: kernel file systems and modules */

void first_root_mount(void);
void modules_load(const struct settings *settings);
/* Those of a type of file system, in a machine. */
void modules_load_for(const struct settings *settings, const char *type);
void first_root_clear(const struct settings *settings);

/* channel.c: the connection to the host, and frames on it. Losing the host ends the guest. */

void channel_open_socket(void);
void channel_open_port(void);
bool channel_is_open(void);
int channel_descriptor(void);
short channel_events(void);
/* How many bytes of data a frame can take now. */
size_t channel_room(void);
/* Where the next frame goes; channel_queued() tells how long it has become. */
uint8_t *channel_next_out(void);
void channel_queued(size_t frame_size);
void channel_send(void);
bool channel_all_is_sent(void);
/* Whether data can go from a pipe to the host without a copy. */
bool channel_can_splice(void);
/* Sends what is queued, a header last, and @length bytes after it, which are in @pipe. */
void channel_send_spliced(int pipe, size_t length);
/* False if nothing came. */
bool channel_receive(void);
/* Whether so much comes that it is read in small parts. */
bool channel_is_bulk(void);
/* The next frame that came, or a piece of one with DATA; its payload is valid until channel_receive(). */
bool channel_next_in(struct guest_frame *frame);
/* How many bytes of the stream come next from the descriptor, if they can be taken from there. */
size_t channel_rest(unsigned stream);
/* So many were taken; none, if they have to be read after all. */
void channel_rest_spliced(size_t length);

/* moment.c: where the time goes, for who asks for it */

void moments_start(const struct settings *settings);
void moment_passed(enum guest_moment moment);
/* Those that passed since. */
void moments_queue(void);

/* clock.c: the time of a machine */

/* While the first root of a machine is there. */
void clock_open(void);
/* The host has said that it answers. */
void clock_follow_host(const struct settings *settings);
/* Whether the program can start. */
bool clock_is_right(void);
/* Asks the host, when it is time for that. */
void clock_queue(void);
void clock_answered(const struct guest_frame *frame);
/* Until clock_queue() has something to do, for poll(). */
int clock_milliseconds(void);

/* network.c */

void hostname_set(const char *hostname);
void loopback_start(void);

#define PATH_SIZE 4096

/* ip.c: addresses */

struct ip {
    int family;
    unsigned prefix;
    uint8_t bytes[16];
};

/* Reads @text; its prefix is that of a single address. False if @text is not an address. */
bool ip_parse(struct ip *ip, const char *text);
/* Sets the prefix of @ip to @text; false if @text is not a prefix of this family. */
bool ip_parse_prefix(struct ip *ip, const char *text);
/* The broadcast address of the network of @ip; false if the network has none. */
bool ip_broadcast(const struct ip *ip, struct ip *broadcast);

/* interfaces.c: what the manifest says of the network; no program of the root is needed */

struct interface {
    unsigned index;
    uint8_t mac[6];
    char name[16];
};

void interfaces_start(const struct settings *settings);

/* netlink.c: all return -1 and errno */

int netlink_bring_up(unsigned interface);
int netlink_add_address(unsigned interface, const struct ip *ip, const struct ip *broadcast);
int netlink_remove_address(unsigned interface, const struct ip *ip);
int netlink_add_route(unsigned interface, const struct ip *destination, const struct ip *gateway);
int netlink_prohibit(const struct ip *destination);

/* dhcp.c */

void dhcp_configure(const struct interface *interface);
/* Starts a process for each lease, which renews it. */
void dhcp_keep_leases(void);

/* forbidden.c: addresses that programs do not reach, whatever they do to their sockets */

void forbidden_add(const struct ip *destination, const struct ip *nameserver);
void forbidden_apply(void);

/* resolver.c: /etc/resolv.conf */

void resolver_add(const char *keyword, const char *value);
/* Domains, separated by spaces, for where the network tells none. */
void resolver_search(const char *names);
void resolver_mount(void);

/* hosts.c: /etc/hosts */

void hosts_mount(const struct settings *settings);

/* etc-file.c: files of ours in the place of those that the root has */

/* The file that programs will open, as an O_PATH descriptor; -1 and errno. */
int etc_file_open(const char *path);
/* Puts one with @text on @target, which it closes; false and errno. */
bool etc_file_mount(int target, const char *text, size_t length);

/* users.c: the numbers of users, in a container and to the kernel; the same for groups */

/* From then on what is made belongs to the container's user 0. */
void users_prepare(const struct settings *settings);
uint32_t users_outside(uint32_t inside);
uint32_t users_inside(uint32_t outside);
/* In a child: who makes the program's namespaces. */
bool users_become_maker(void);
bool users_map_process(pid_t pid);
/* Lets a mount of files that have the numbers of inside show them so; @mount, or -1 and errno. */
int users_show(int mount);

/* filesystem.c: mounts as descriptors; all return -1 and errno */

int filesystem_open(int directory, const char *path);
int filesystem_new(const char *type, const char *source, const char *options, uint64_t attributes);
int filesystem_clone(int directory, const char *path, bool recursive, uint64_t attributes);
int filesystem_attach(int mount, int target);
/* Opens @path as a program does that has @root as its root. @resolve: RESOLVE_ flags to add. */
int filesystem_open_in_root(int root, const char *path, uint64_t flags, uint64_t resolve);
/* Copies owner, mode and times; false and errno. */
bool filesystem_copy_attributes(int from, int to);

/* root.c: the root of the program, at first somewhere below the first root */

void root_mount(const struct settings *settings);
/* Opens what @path means to the program, with its symbolic links, as an O_PATH descriptor. */
int root_open(const char *path);
/* The same, and makes what is missing, in memory where the root cannot be written. @path is absolute,
 * without doubled or trailing slashes. */
int root_open_directory(const char *path);
int root_open_target(const char *path, bool directory);
/* Only sees to it that what is missing of @path can be made. */
int root_make_room(const char *path);
/* Whether what @path means to the program is the root of @mount. */
bool root_leads_to(const char *path, int mount);
/* Puts @mount on the directory of that name right in the root, where the program then has it. */
void root_attach(int mount, const char *path);
void root_enter(const struct settings *settings);
void root_write_back(void);
/* What root_open_target() makes in the file system @device belongs to @uid and @gid. */
void root_set_owner_on(dev_t device, uid_t uid, gid_t gid);

/* path.c */

/* How many names the path has. */
int path_depth(const char *path);
/* Whether two absolute paths differ in nothing but slashes. */
bool path_is_same(const char *a, const char *b);

/* room.c: mount points in directories that cannot be written */

int room_make(int directory);
void room_finish(void);

/* overlay.c: what makes the root writable without being written to, and keeps a container off the inodes of
 * the host */

struct overlay_layer {
    const char *target; /* of the program's root, without a slash at the start */
    int lower;
    int upper;
};

int overlay_new(const struct settings *settings, const char *lower, const char *target, uint64_t attributes);
int overlay_new_read_only(const char *lower, uint64_t attributes);
size_t overlay_layers(const struct overlay_layer **first);

/* stage.c: where mounts are put together before they are in the program's root; -1 and errno */

int stage_attach(int mount, const char *name);
int stage_detach(const char *name);

/* devices.c: /dev */

void devices_mount(const struct settings *settings);
/* It stays open. */
int devices_directory(void);
int devices_open_null(void);
int devices_open_terminal(void);

/* kernel-files.c: those that init uses */

#define KERNEL_FILE_ATTRIBUTES (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

void kernel_files_open(void);
/* A /proc of its own, as a directory. */
int kernel_files(void);
/* Writes @text to a setting of the kernel; false and errno if it was not taken whole. */
bool kernel_file_write(int directory, const char *path, const char *text);
bool kernel_files_are_protected(const struct settings *settings);

/* procfs.c, sysfs.c: /proc and /sys of the program, protected before they are in its root: so is what is
 * bound from there */

void procfs_mount(const struct settings *settings);
void sysfs_mount(const struct settings *settings);

/* cgroups.c: /sys/fs/cgroup of a container */

void cgroups_mount(int place);

/* disk-find.c */

/* Puts the path of a block device in the first root in @path, of PATH_MAX bytes; @source is its path, or
 * in a machine its serial number. */
bool disk_find(const char *source, char *path);

/* disks.c: the program's block devices by their tags */

void disks_make(const struct settings *settings);
void disks_write_back(void);

/* images.c: file systems on block devices */

int image_open(const struct settings *settings, const char *target, const char *source, bool writable,
               uint64_t attributes);

/* includes.c: copies of host files in temporary mounts */

bool includes_exist(const struct settings *settings, const char *target);
void includes_copy(const struct settings *settings, const char *target, int mount);

/* mounts.c: private directories and what the manifest mounts */

/* First of all, while nothing is mounted on the root yet. */
void mounts_plan(const struct settings *settings);
void mounts_mount(const struct settings *settings);
/* What was written must be with the host before it is told of the end; else it is a failure. */
void mounts_write_back(bool machine);

/* home.c: a home directory in memory */

/* Of the tmpfs that it is. */
char *home_options(const struct settings *settings);
/* Puts @mount on the home directory @path, with what stays of the one there. */
void home_attach(const struct settings *settings, int mount, const char *path);
void home_make_runtime_directory(const struct settings *settings, int run);

/* hide.c: what the program shall not see */

/* Covers what @target is, which it closes; @path is its name in messages. False if it is hidden already. */
bool hide_descriptor(int target, const char *path);
void hide_all(const struct settings *settings);

/* changes.c: at the end, what is different in the overlay */

void changes_prepare(const struct settings *settings);
void changes_start(const struct settings *settings);

/* namespace.c: the user namespace that locks a container's mounts, and in which its users are others */

/* Like fork(); in a container the child gets user and mount namespaces of its own, and must begin
 * with namespace_enter(). */
pid_t namespace_fork(bool machine);
bool namespace_enter(bool machine);

/* processes.c: how many there can be */

void processes_limit(const struct settings *settings);
void processes_forget(void);

/* identity.c: in the child; returns the name of what failed, with errno, or NULL */

const char *identity_enter(const struct settings *settings);

/* filter.c */

struct sock_fprog;
/* False and errno if it can be none. */
bool filter_make(const struct settings *settings, struct sock_fprog *filter);
bool filter_apply(const struct settings *settings);

/* socket-calls.c: what the filter of a container leaves to us */

/* In the child: applies the filter, and sends to @socket by what we are asked. */
bool socket_calls_filter(const struct settings *settings, int socket);
/* Takes that from the other end, which it closes. */
void socket_calls_take(int socket);
struct pollfd;
void socket_calls_poll(struct pollfd *poll);
void socket_calls_polled(const struct settings *settings, const struct pollfd *poll);

/* terminal.c: the program's terminal. If it controls a session, that is the one of this process. */

#define TERMINAL_GROUP 5

struct terminal {
    int master;
    int slave;
};

void terminal_open(struct terminal *terminal, const struct settings *settings);
void terminal_resize(int master, uint16_t rows, uint16_t columns);
void terminal_hang_up(int master);
/* The characters that mean the end of input to who reads the terminal; none in raw mode. */
size_t terminal_end_of_input(int master, bool in_line, uint8_t characters[2]);

/* input.c: the program's standard input, and the keys of its terminal. One that is not open takes nothing. */

void input_open(unsigned stream, int fd, bool terminal);
void input_grant(unsigned stream);
/* False if the host had no credit for so much. */
bool input_receive(unsigned stream, const uint8_t *data, size_t length);
/* Takes bytes from @socket without a copy: how many, 0 if that is not possible now, -1 if there are none. */
ssize_t input_splice(unsigned stream, int socket, size_t length);
void input_end(unsigned stream);
void input_close(unsigned stream);
struct pollfd;
void input_poll(unsigned stream, struct pollfd *poll);
void input_polled(unsigned stream, const struct pollfd *poll);
void input_queue(unsigned stream);
/* After how many milliseconds it is to be looked at in any case, -1 for never. */
int input_timeout(unsigned stream);

/* The host wants to know when the program waits for input of which there is none. */
void input_ask(unsigned stream);

/* waiters.c */

/* Whether a process of the program waits for what is written to @fd, a pipe or the master of its terminal; in doubt it
 * does. */
bool somebody_waits_for(int fd);

/* output.c: the program's standard output and error */

void output_open(unsigned stream, int fd);
void output_credit(unsigned stream, uint32_t bytes);
void output_close(unsigned stream);
void output_poll(unsigned stream, struct pollfd *poll);
void output_polled(unsigned stream, const struct pollfd *poll);
void output_queue(unsigned stream);
bool output_is_done(unsigned stream);

/* program.c: the program itself, and its ends of the streams */

struct program_failure {
    bool exec; /* it could not be executed; else it could not be set up */
    int error;
    char text[1024];
};

struct program {
    pid_t pid;
    int report;       /* end of file: execve succeeded; else a struct program_failure */
    int socket_calls; /* for socket_calls_take() */
    int standard[GUEST_STREAM_COUNT];
    struct terminal terminal;
    unsigned terminal_input; /* the streams that go to it and come from it */
    unsigned terminal_output;
};

void program_prepare(struct program *program, const struct settings *settings);
void program_start(struct program *program, const struct settings *settings);
/* False if the program runs. */
bool program_read_failure(struct program *program, struct program_failure *failure);
void program_signal(const struct program *program, int signal_number);
/* The host listens to its output no longer. */
void program_output_close(struct program *program, unsigned stream);
void program_ended(struct program *program);

/* console.c: what a service writes, on its way to the guest's console. A console that nobody reads never
 * holds up the program: then only the newest part of the output is kept. */

/* @fd: where the output comes from; not blocking. */
void console_open(int fd);
void console_poll(struct pollfd *from, struct pollfd *to);
/* Passes on what can be without waiting. */
void console_pass_on(void);
/* What is on its way when nobody writes any more gets a moment to arrive. */
void console_flush(void);

/* shell.c: a shell on a console, with no more rights than the program */

void shell_prepare(const struct settings *settings);
void shell_start(const struct settings *settings);
/* Starts it again if it was the shell that ended. */
void shell_reaped(const struct settings *settings, pid_t pid);

/* wire/session.c: the life of the program, and the conversation with the host about it */

void wire_greet(void);
void wire_run(const struct settings *settings);

/* service.c: the same, with nobody to talk to */

void service_run(const struct settings *settings);
