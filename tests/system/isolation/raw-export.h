/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the kernel of a machine can reach of the host's files. Each probe is three words, VERB TAG PATH, and what
 * came of it a line, given to @say. */
void raw_export_probe(const char *const *words, void (*say)(const char *line));
