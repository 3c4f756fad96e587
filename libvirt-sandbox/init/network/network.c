/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/network/network.h"

#include "libvirt-sandbox/init/fail.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

void
hostname_set(const char *hostname)
{
    if (sethostname(hostname, strlen(hostname)) < 0) {
        fail(GUEST_STAGE_NETWORK, errno, "host name %s", hostname);
    }
}

void
loopback_start(void)
{
    struct ifreq request = { .ifr_name = "lo" };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0) {
        fail(GUEST_STAGE_NETWORK, errno, "loopback interface");
    }
    if (!(request.ifr_flags & IFF_UP)) {
        request.ifr_flags |= IFF_UP;
        if (ioctl(fd, SIOCSIFFLAGS, &request) < 0) {
            fail(GUEST_STAGE_NETWORK, errno, "loopback interface");
        }
    }
    close(fd);
}
