/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* From here on libxml2 prints nothing, in this thread and in those that are made later. */
void xml_messages_drop(void);
