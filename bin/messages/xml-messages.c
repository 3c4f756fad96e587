/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/messages/xml-messages.h"

#include <glib.h>
#include <libxml/globals.h>
#include <libxml/xmlerror.h>

/*
 * libxml2 writes to standard error whatever it does not like, with the bytes as they are: also of a file that
 * libvirt only tries to find in its cache. What matters comes as an error of libvirt's, which we show.
 */
G_GNUC_PRINTF(2, 3)
static void
drop(void *context G_GNUC_UNUSED, const char *format G_GNUC_UNUSED, ...)
{
}

void
xml_messages_drop(void)
{
    xmlSetGenericErrorFunc(NULL, drop);
    /* The embedded driver parses in threads of its own. */
    G_GNUC_BEGIN_IGNORE_DEPRECATIONS
    xmlThrDefSetGenericErrorFunc(NULL, drop);
    G_GNUC_END_IGNORE_DEPRECATIONS
}
