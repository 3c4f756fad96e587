#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""output.py [URI]

Runs a program in a sandbox with an input, and gets what it writes and how it ended.
"""

import os
import sys

import gi

gi.require_version("LibvirtSandbox", "1.0")
from gi.repository import GLib, LibvirtSandbox


def run(connection):
    config = LibvirtSandbox.ConfigInteractive.new(None)
    config.set_command(["sh", "-c", "sed 's/^/it read: /'; uname -s >&2; exit 3"])
    _, output, errors, status = LibvirtSandbox.run(config, connection, GLib.Bytes.new(b"hello\n"), None)

    print(output.get_data().decode(), end="")
    print(errors.get_data().decode(), end="")
    print("status", os.waitstatus_to_exitcode(status))


def main(uri=None):
    LibvirtSandbox.init(None)
    try:
        run(LibvirtSandbox.connection_open(uri))
    except GLib.Error as error:
        sys.exit("output.py: " + error.message)


main(*sys.argv[1:])
