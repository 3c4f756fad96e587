#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes configure from configure.ac; ./bootstrap calls this.
set -e
cd "$(dirname "$0")"
exec autoreconf --force --install --warnings=all,no-obsolete,no-portability "$@"
