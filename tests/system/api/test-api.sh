#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The library, from a program that uses all of it.
# drivers: embed lxc session
# seconds: 900

# What is as in 0.8 connects by itself, and needs a daemon.
case $DRIVER in
    embed) subjects=(-p /life -p /streams -p /attached -p /run) ;;
    lxc) subjects=() ;;
    session) subjects=(-p /old-style) ;;
esac
exec "$(dirname "$VIRT_SANDBOX")/../tests/system/api/test-api" --tap "${subjects[@]}"
