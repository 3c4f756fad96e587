#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""output.py [URI]

Runs a program in a sandbox, and reads what it writes.
"""

import os
import sys
import tempfile

import gi

gi.require_version("LibvirtSandbox", "1.0")
from gi.repository import Gio, GLib, LibvirtSandbox


def run(uri, command):
    """Returns the exit status of COMMAND and what it wrote to its standard output."""
    connection = LibvirtSandbox.connection_open(uri)
    config = LibvirtSandbox.ConfigInteractive.new(None)
    config.set_command(command)
    context = LibvirtSandbox.ContextInteractive.new(connection, config)
    loop = GLib.MainLoop()
    statuses = []
    failures = []

    context.start()
    try:
        console = context.get_app_console()
        console.connect("exited", lambda console, status: statuses.append(status))
        console.connect("failed", lambda console, error: failures.append(error))
        console.connect("closed", lambda console, early: loop.quit())
        with tempfile.TemporaryFile() as file:
            # No input; the output goes to the file, the errors to where ours go.
            output = Gio.UnixOutputStream.new(file.fileno(), False)
            errors = Gio.UnixOutputStream.new(sys.stderr.fileno(), False)
            console.attach(None, output, errors)
            loop.run()
            file.seek(0)
            text = file.read().decode()
    finally:
        context.stop()
    if failures:
        raise failures[0]
    return os.waitstatus_to_exitcode(statuses[0]), text


def main(uri=None):
    LibvirtSandbox.init(None)
    try:
        status, text = run(uri, ["sh", "-c", "echo hello from $(uname -s); exit 3"])
    except GLib.Error as error:
        sys.exit("output.py: " + error.message)
    print("it wrote:", text, end="")
    print("status", status)


# A driver in our own process writes its log where the program's errors go, unless told.
os.environ.setdefault("LIBVIRT_LOG_OUTPUTS", "4:file:/dev/null")
main(*sys.argv[1:])
