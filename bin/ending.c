/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bin/ending.h"

#include "bin/messages/error-output.h"
#include "bin/messages/message.h"
#include "bin/options/option-remedy.h"
#include "bin/signals.h"
#include "libvirt-sandbox/libvirt-sandbox.h"

#define HURRIED_USEC G_USEC_PER_SEC

void
ending_fail(Ending *ending, const GError *error)
{
    g_autofree gchar *text = option_remedy_explain(error->message, gvir_sandbox_error_get_remedy(error));

    message("%s", text);
    ending->status = STATUS_BROKEN;
    g_free(ending->failure);
    ending->failure = message_line(text);
}

static void
cut_short(Ending *ending, int status, EndingHow how)
{
    if (ending->hurried)
        return;
    ending->status = status;
    ending->how = how;
    g_clear_pointer(&ending->failure, g_free);
}

void
ending_deliver(Ending *ending)
{
    gint64 deadline = ending->hurried ? g_get_monotonic_time() + HURRIED_USEC : ending->deadline;
    int came = signals_wait_for(error_output_get_idle_fd(), deadline);

    if (came == SIGNALS_TIMEOUT)
        cut_short(ending, STATUS_TIMEOUT, ENDING_TIMEOUT);
    else if (came > 0)
        cut_short(ending, 128 + came, ENDING_KILLED);
}

void
ending_clear(Ending *ending)
{
    g_clear_pointer(&ending->failure, g_free);
}
