/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/network/interfaces.h"

#include "libvirt-sandbox/guest/manifest.h"
#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/network/dhcp.h"
#include "libvirt-sandbox/init/network/forbidden.h"
#include "libvirt-sandbox/init/network/ip.h"
#include "libvirt-sandbox/init/network/netlink.h"
#include "libvirt-sandbox/init/network/resolver.h"
#include "libvirt-sandbox/init/kernel/kernel-files.h"
#include "libvirt-sandbox/init/settings.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* How often an interface is searched, a tenth of a second apart, because its driver may take some time. */
#define TRIES 50

static noreturn void
fail_manifest(const struct guest_directive *directive, const char *field)
{
    fail(GUEST_STAGE_NETWORK, EINVAL, "manifest: line %u: %s %s", directive->line, guest_word_name(directive->word),
         field);
}

/* Reads the address in @field of @directive; @prefix is NULL or its length. */
static struct ip
read_ip(const struct guest_directive *directive, const char *field, const char *prefix)
{
    struct ip ip;

    if (!ip_parse(&ip, field)) {
        fail_manifest(directive, field);
    }
    if (prefix && !ip_parse_prefix(&ip, prefix)) {
        fail_manifest(directive, prefix);
    }
    return ip;
}

/* Reads a second address of the same family as @first; false if @field is empty. */
static bool
read_second_ip(const struct guest_directive *directive, const char *field, const struct ip *first, struct ip *ip)
{
    if (*field == '\0') {
        return false;
    }
    *ip = read_ip(directive, field, NULL);
    if (ip->family != first->family) {
        fail_manifest(directive, field);
    }
    return true;
}

static void
read_mac(const struct guest_directive *directive, uint8_t mac[6])
{
    int length = 0;

    if (sscanf(directive->fields[0], "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &mac[0], &mac[1], &mac[2], &mac[3],
               &mac[4], &mac[5], &length) != 6 ||
        directive->fields[0][length] != '\0') {
        fail_manifest(directive, directive->fields[0]);
    }
}

static bool
search_once(struct interface *interface)
{
    struct ifaddrs *all;
    bool found = false;

    if (getifaddrs(&all) < 0) {
        fail(GUEST_STAGE_NETWORK, errno, "list of the network interfaces");
    }
    for (const struct ifaddrs *one = all; one && !found; one = one->ifa_next) {
        const struct sockaddr_ll *link = (const void *)one->ifa_addr;

        if (link && link->sll_family == AF_PACKET && link->sll_halen == sizeof(interface->mac) &&
            memcmp(link->sll_addr, interface->mac, sizeof(interface->mac)) == 0) {
            interface->index = (unsigned)link->sll_ifindex;
            snprintf(interface->name, sizeof(interface->name), "%s", one->ifa_name);
            found = true;
        }
    }
    freeifaddrs(all);
    return found;
}

/* Finds an interface by its hardware address, because its name depends on kernel and driver. */
static struct interface
find_interface(const struct guest_directive *directive)
{
    const struct timespec pause = { .tv_nsec = 100000000 };
    struct interface interface = { 0 };

    read_mac(directive, interface.mac);
    for (int i = 0; i < TRIES; i++) {
        if (search_once(&interface)) {
            return interface;
        }
        nanosleep(&pause, NULL);
    }
    fail(GUEST_STAGE_NETWORK, 0, "network interface %s: not there", directive->fields[0]);
}

static void
ignore_routers(const struct interface *interface)
{
    char path[64];

    snprintf(path, sizeof(path), "sys/net/ipv6/conf/%s/accept_ra", interface->name);
    if (!kernel_file_write(kernel_files(), path, "0") && errno != ENOENT) {
        fail(GUEST_STAGE_NETWORK, errno, "network interface %s: router advertisements", interface->name);
    }
}

static void
start_interface(const struct guest_directive *directive)
{
    struct interface interface = find_interface(directive);

    if (strcmp(directive->fields[1], "static") == 0) {
        ignore_routers(&interface);
    } else if (strcmp(directive->fields[1], "auto") != 0) {
        fail_manifest(directive, directive->fields[1]);
    }
    if (netlink_bring_up(interface.index) < 0) {
        fail(GUEST_STAGE_NETWORK, errno, "network interface %s", interface.name);
    }
    log_debug("interface %s is %s", directive->fields[0], interface.name);
}

static void
add_address(const struct guest_directive *directive)
{
    struct interface interface = find_interface(directive);
    struct ip ip = read_ip(directive, directive->fields[1], directive->fields[2]);
    struct ip broadcast;
    bool has_broadcast =
        read_second_ip(directive, directive->fields[3], &ip, &broadcast) || ip_broadcast(&ip, &broadcast);

    if (netlink_add_address(interface.index, &ip, has_broadcast ? &broadcast : NULL) < 0) {
        fail(GUEST_STAGE_NETWORK, errno, "address %s/%s of the network interface %s", directive->fields[1],
             directive->fields[2], interface.name);
    }
}

static void
add_route(const struct guest_directive *directive)
{
    struct interface interface = find_interface(directive);
    struct ip destination = read_ip(directive, directive->fields[1], directive->fields[2]);
    struct ip gateway;
    bool has_gateway = read_second_ip(directive, directive->fields[3], &destination, &gateway);

    if (netlink_add_route(interface.index, &destination, has_gateway ? &gateway : NULL) < 0) {
        fail(GUEST_STAGE_NETWORK, errno, "route to %s/%s by %s", directive->fields[1], directive->fields[2],
             has_gateway ? directive->fields[3] : interface.name);
    }
}

static void
add_nameserver(const struct guest_directive *directive)
{
    read_ip(directive, directive->fields[0], NULL);
    resolver_add("nameserver", directive->fields[0]);
}

static void
add_search(const struct guest_directive *directive)
{
    resolver_set_default_search(directive->fields[0]);
}

static void
forbid(const struct guest_directive *directive)
{
    struct ip destination = read_ip(directive, directive->fields[0], directive->fields[1]);
    struct ip nameserver;
    bool has_nameserver = read_second_ip(directive, directive->fields[2], &destination, &nameserver);

    /* The filter drops packets silently; the route makes the program see an error at once. */
    if (netlink_prohibit(&destination) < 0) {
        fail(GUEST_STAGE_NETWORK, errno, "route to %s/%s", directive->fields[0], directive->fields[1]);
    }
    forbidden_add(&destination, has_nameserver ? &nameserver : NULL);
}

static void
run_dhcp(const struct guest_directive *directive)
{
    struct interface interface = find_interface(directive);

    dhcp_configure(&interface);
}

static void
for_each(const struct settings *settings, enum guest_word word, void (*apply)(const struct guest_directive *directive))
{
    const struct guest_directive *directive = NULL;

    while ((directive = guest_manifest_next(&settings->manifest, word, directive))) {
        apply(directive);
    }
}

/* Addresses come before routes, because gateways are reached by them. */
void
interfaces_start(const struct settings *settings)
{
    for_each(settings, GUEST_WORD_FORBID, forbid);
    forbidden_apply();
    for_each(settings, GUEST_WORD_INTERFACE, start_interface);
    for_each(settings, GUEST_WORD_ADDRESS, add_address);
    for_each(settings, GUEST_WORD_ROUTE, add_route);
    for_each(settings, GUEST_WORD_NAMESERVER, add_nameserver);
    for_each(settings, GUEST_WORD_SEARCH, add_search);
    for_each(settings, GUEST_WORD_DHCP, run_dhcp);
}
