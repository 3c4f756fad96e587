#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""run.py [-c URI] PROGRAM [ARGUMENTS…]

Runs a program in a sandbox that is there for this one run, and says at the end how it ended.
"""

import os
import sys

import gi

gi.require_version("LibvirtSandbox", "1.0")
from gi.repository import GLib, LibvirtSandbox


class Run:
    """One program in one sandbox."""

    def __init__(self, uri, command):
        # Where it runs: without a URI in a virtual machine that belongs to this process.
        connection = LibvirtSandbox.connection_open(uri)
        # What it is: a name (here one by chance), a program, and many things that can be set.
        config = LibvirtSandbox.ConfigInteractive.new(None)
        config.set_command(command)
        # Its life.
        self.context = LibvirtSandbox.ContextInteractive.new(connection, config)
        self.loop = GLib.MainLoop()
        self.result = 1

    def exited(self, console, status):
        """The program has ended, and all that it wrote was delivered."""
        if os.WIFSIGNALED(status):
            print("killed by signal", os.WTERMSIG(status))
            self.result = 128 + os.WTERMSIG(status)
        else:
            print("exit status", os.WEXITSTATUS(status))
            self.result = os.WEXITSTATUS(status)

    def failed(self, console, error):
        """It could not be run, or the sandbox ended too early."""
        print("run.py:", error.message, file=sys.stderr)

    def closed(self, console, early):
        """The last signal of a console, however its end came about."""
        self.loop.quit()

    def run(self):
        self.context.start()
        try:
            console = self.context.get_app_console()
            console.connect("exited", self.exited)
            console.connect("failed", self.failed)
            console.connect("closed", self.closed)
            # Joins the program to our standard streams; it starts now.
            console.attach_stdio()
            self.loop.run()
        finally:
            self.context.stop()
        return self.result


def main(arguments):
    uri = None
    if len(arguments) > 1 and arguments[0] == "-c":
        uri = arguments[1]
        arguments = arguments[2:]
    if not arguments:
        sys.exit("usage: run.py [-c URI] PROGRAM [ARGUMENTS...]")
    LibvirtSandbox.init(None)
    try:
        return Run(uri, arguments).run()
    except GLib.Error as error:
        sys.exit("run.py: " + error.message)


sys.exit(main(sys.argv[1:]))
