#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The library, from a program that uses all of it.
# drivers: embed lxc
# seconds: 900

exec "$(dirname "$VIRT_SANDBOX")/../tests/system/api/test-api" --tap
