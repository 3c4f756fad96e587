#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""service.py [URI]

Starts a service, waits until its log says that it is ready, and stops it.
"""

import os
import sys

import gi

gi.require_version("LibvirtSandbox", "1.0")
from gi.repository import Gio, GLib, LibvirtSandbox


def await_line(console, wanted):
    """Runs the main loop until the console shows the line."""
    loop = GLib.MainLoop()
    reading, writing = os.pipe()
    output = Gio.UnixOutputStream.new(writing, True)
    lines = Gio.DataInputStream.new(Gio.UnixInputStream.new(reading, True))
    lines.set_newline_type(Gio.DataStreamNewlineType.ANY)

    def read(lines, result):
        line, _length = lines.read_line_finish_utf8(result)
        if line == wanted or line is None:
            loop.quit()
        else:
            lines.read_line_async(GLib.PRIORITY_DEFAULT, None, read)

    console.attach(None, output, None)
    lines.read_line_async(GLib.PRIORITY_DEFAULT, None, read)
    loop.run()
    console.detach()


def run(uri, command):
    connection = LibvirtSandbox.connection_open(uri)
    config = LibvirtSandbox.ConfigServiceGeneric.new("example-service")
    config.set_command(command)
    context = LibvirtSandbox.ContextService.new(connection, config)

    # The program starts with the sandbox, and has nobody at its other end.
    context.start()
    try:
        # What it writes goes to the log.
        await_line(context.get_log_console(), "ready")
        print(config.get_name(), "is ready")
    finally:
        context.stop()
    print("and stopped")


def main(uri=None):
    LibvirtSandbox.init(None)
    try:
        run(uri, ["sh", "-c", "while :; do echo ready; sleep 1; done"])
    except GLib.Error as error:
        sys.exit("service.py: " + error.message)


main(*sys.argv[1:])
