/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/network/forbidden.h"

#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/network/ip.h"
#include "libvirt-sandbox/init/kernel/filesystem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Addresses that programs cannot reach. Routes alone are not enough: a program that binds its socket to an
 * interface bypasses them, and needs no privilege for it. So a BPF program checks each packet that a socket sends.
 * It is attached to the root of the control groups, and stays there after all descriptors are closed.
 */

#define FORBIDDEN_MAX 16
#define LOOPBACK_INDEX 1
#define DNS_PORT 53
#define INSTRUCTIONS_MAX 512

enum { DENIED = 0, ALLOWED = 1 };

/* Where a header has the destination, and how long the header of IPv6 is. */
#define IPV4_DESTINATION 16
#define IPV6_DESTINATION 24
#define IPV6_HEADER 40
#define PORT_OFFSET 2

static struct {
    struct ip destination;
    struct ip nameserver;
    bool has_nameserver;
} forbidden[FORBIDDEN_MAX];

static size_t forbidden_count;

static struct bpf_insn program[INSTRUCTIONS_MAX];
static size_t program_length;

void
forbidden_add(const struct ip *destination, const struct ip *nameserver)
{
    if (forbidden_count == FORBIDDEN_MAX) {
        fail(GUEST_STAGE_NETWORK, EOVERFLOW, "forbidden addresses");
    }
    forbidden[forbidden_count].destination = *destination;
    if (nameserver) {
        forbidden[forbidden_count].nameserver = *nameserver;
        forbidden[forbidden_count].has_nameserver = true;
    }
    forbidden_count++;
}

/* Registers: 6 points to the packet, 7 is the offset of its transport header. The destination is copied to the stack.
 */

static size_t
emit(uint8_t code, unsigned destination, unsigned source, int offset, int32_t value)
{
    if (program_length == INSTRUCTIONS_MAX) {
        fail(GUEST_STAGE_NETWORK, EOVERFLOW, "forbidden addresses");
    }
    program[program_length] = (struct bpf_insn){
        .code = code,
        .dst_reg = destination & 15,
        .src_reg = source & 15,
        .off = (int16_t)offset,
        .imm = value,
    };
    return program_length++;
}

/* Makes the jump at @from lead to the next instruction. */
static void
set_jump_target(size_t from)
{
    program[from].off = (int16_t)(program_length - from - 1);
}

static void
emit_return(int value)
{
    emit(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, value);
    emit(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static size_t
emit_jump_unless_equal(unsigned reg, int32_t value)
{
    return emit(BPF_JMP32 | BPF_JNE | BPF_K, reg, 0, 0, value);
}

/* Copies @size bytes of the packet from the offset in register 2 to the end of the stack. A packet that is too short is
 * denied. */
static void
emit_load_bytes(int size)
{
    size_t done;

    emit(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_6, 0, 0);
    emit(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_3, BPF_REG_10, 0, 0);
    emit(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_3, 0, 0, -16);
    emit(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_4, 0, 0, size);
    emit(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_skb_load_bytes);
    done = emit(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 0, 0);
    emit_return(DENIED);
    set_jump_target(done);
}

static void
emit_load_bytes_at(int offset, int size)
{
    emit(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, offset);
    emit_load_bytes(size);
}

static int32_t
word(const struct ip *ip, unsigned number)
{
    int32_t value;

    memcpy(&value, ip->bytes + 4 * number, sizeof(value));
    return value;
}

/* The bits of a prefix in the word with that number, in the byte order of a packet. */
static int32_t
mask(unsigned prefix, unsigned number)
{
    unsigned before = number * 32;
    uint32_t bits = prefix >= before + 32 ? UINT32_MAX : prefix <= before ? 0 : UINT32_MAX << (before + 32 - prefix);

    return (int32_t)htonl(bits);
}

/* Jumps away if the first @prefix bits of the destination differ from @ip. Stores the jumps in @jumps and returns their
 * number. */
static size_t
emit_compare(const struct ip *ip, unsigned prefix, size_t jumps[4])
{
    size_t count = 0;

    for (unsigned i = 0; i < (ip->family == AF_INET ? 1 : 4) && mask(prefix, i) != 0; i++) {
        emit(BPF_LDX | BPF_MEM | BPF_W, BPF_REG_0, BPF_REG_10, -16 + 4 * (int)i, 0);
        emit(BPF_ALU | BPF_AND | BPF_K, BPF_REG_0, 0, 0, mask(prefix, i));
        jumps[count++] = emit_jump_unless_equal(BPF_REG_0, word(ip, i) & mask(prefix, i));
    }
    return count;
}

/* In a forbidden network only the DNS port of the name server is allowed. */
static void
emit_nameserver(const struct ip *nameserver)
{
    size_t jumps[4];
    size_t count = emit_compare(nameserver, nameserver->prefix, jumps);
    size_t other_port;

    emit(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_7, 0, 0);
    emit(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, PORT_OFFSET);
    emit_load_bytes(2);
    emit(BPF_LDX | BPF_MEM | BPF_H, BPF_REG_0, BPF_REG_10, -16, 0);
    other_port = emit_jump_unless_equal(BPF_REG_0, htons(DNS_PORT));
    emit_return(ALLOWED);
    set_jump_target(other_port);
    emit_return(DENIED);
    while (count > 0) {
        set_jump_target(jumps[--count]);
    }
}

static void
emit_rules(int family)
{
    for (size_t i = 0; i < forbidden_count; i++) {
        size_t jumps[4];
        size_t count;

        if (forbidden[i].destination.family != family) {
            continue;
        }
        count = emit_compare(&forbidden[i].destination, forbidden[i].destination.prefix, jumps);
        if (forbidden[i].has_nameserver) {
            emit_nameserver(&forbidden[i].nameserver);
        }
        emit_return(DENIED);
        while (count > 0) {
            set_jump_target(jumps[--count]);
        }
    }
    emit_return(ALLOWED);
}

static void
emit_ipv4(void)
{
    emit_load_bytes_at(0, 1);
    emit(BPF_LDX | BPF_MEM | BPF_B, BPF_REG_7, BPF_REG_10, -16, 0);
    emit(BPF_ALU64 | BPF_AND | BPF_K, BPF_REG_7, 0, 0, 15);
    emit(BPF_ALU64 | BPF_LSH | BPF_K, BPF_REG_7, 0, 0, 2);
    emit_load_bytes_at(IPV4_DESTINATION, 4);
    emit_rules(AF_INET);
}

static void
emit_ipv6(void)
{
    emit(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_7, 0, 0, IPV6_HEADER);
    emit_load_bytes_at(IPV6_DESTINATION, 16);
    emit_rules(AF_INET6);
}

static void
write_program(void)
{
    size_t not_loopback, not_ipv4, not_ipv6;

    emit(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_6, BPF_REG_1, 0, 0);
    emit(BPF_LDX | BPF_MEM | BPF_W, BPF_REG_0, BPF_REG_6, offsetof(struct __sk_buff, ifindex), 0);
    not_loopback = emit_jump_unless_equal(BPF_REG_0, LOOPBACK_INDEX);
    emit_return(ALLOWED);
    set_jump_target(not_loopback);

    emit(BPF_LDX | BPF_MEM | BPF_W, BPF_REG_0, BPF_REG_6, offsetof(struct __sk_buff, protocol), 0);
    not_ipv4 = emit_jump_unless_equal(BPF_REG_0, htons(ETH_P_IP));
    emit_ipv4();
    set_jump_target(not_ipv4);
    not_ipv6 = emit_jump_unless_equal(BPF_REG_0, htons(ETH_P_IPV6));
    emit_ipv6();
    set_jump_target(not_ipv6);
    emit_return(ALLOWED);
}

static int
load_program(void)
{
    static const char license[] = "LGPL";
    union bpf_attr attributes;

    memset(&attributes, 0, sizeof(attributes));
    attributes.prog_type = BPF_PROG_TYPE_CGROUP_SKB;
    attributes.expected_attach_type = BPF_CGROUP_INET_EGRESS;
    attributes.insns = (uintptr_t)program;
    attributes.insn_cnt = (uint32_t)program_length;
    attributes.license = (uintptr_t)license;
    return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof(attributes));
}

static int
attach_program(int loaded, int group)
{
    union bpf_attr attributes;

    memset(&attributes, 0, sizeof(attributes));
    attributes.target_fd = (uint32_t)group;
    attributes.attach_bpf_fd = (uint32_t)loaded;
    attributes.attach_type = BPF_CGROUP_INET_EGRESS;
    return (int)syscall(SYS_bpf, BPF_PROG_ATTACH, &attributes, sizeof(attributes));
}

void
forbidden_apply(void)
{
    int group, loaded;

    if (forbidden_count == 0) {
        return;
    }
    write_program();
    loaded = load_program();
    if (loaded < 0) {
        fail(GUEST_STAGE_NETWORK, errno, "filter of forbidden addresses: the kernel does not load it");
    }
    group = filesystem_new("cgroup2", "cgroup2", "", 0);
    if (group < 0 || attach_program(loaded, group) < 0) {
        fail(GUEST_STAGE_NETWORK, errno, "filter of forbidden addresses: the kernel cannot filter");
    }
    close(group);
    close(loaded);
}
