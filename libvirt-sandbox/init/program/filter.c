/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/program/filter.h"

#include "libvirt-sandbox/init/settings.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

bool
filter_make(const struct settings *settings, struct sock_fprog *filter)
{
    if (settings->filter_length == 0 || settings->filter_length % sizeof(struct sock_filter) != 0 ||
        settings->filter_length / sizeof(struct sock_filter) > BPF_MAXINSNS) {
        errno = EINVAL;
        return false;
    }
    filter->len = (unsigned short)(settings->filter_length / sizeof(struct sock_filter));
    filter->filter = settings->filter;
    return true;
}

/* The system calls that the program may not make, as the host's builder listed them. */
bool
filter_apply(const struct settings *settings)
{
    struct sock_fprog filter;

    return !settings->filter ||
           (filter_make(settings, &filter) && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
}
