#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""several.py [URI]

Runs several sandboxes at once, in one main loop, and shows what each wrote.
"""

import sys
import tempfile

import gi

gi.require_version("LibvirtSandbox", "1.0")
from gi.repository import Gio, GLib, LibvirtSandbox


class Job:
    """One of the sandboxes; DONE is called at its end, however it came about."""

    def __init__(self, connection, command, done):
        config = LibvirtSandbox.ConfigInteractive.new(None)
        config.set_command(command)
        self.context = LibvirtSandbox.ContextInteractive.new(connection, config)
        self.done = done
        self.file = tempfile.TemporaryFile()
        self.failure = None
        # Waits in another thread, so that all start at the same time.
        self.context.start_async(None, self.started)

    def started(self, context, result):
        try:
            context.start_finish(result)
            console = context.get_app_console()
            console.connect("failed", self.failed)
            console.connect("closed", self.closed)
            console.attach(None, Gio.UnixOutputStream.new(self.file.fileno(), False), None)
        except GLib.Error as error:
            self.failure = error
            self.closed(None, True)

    def failed(self, console, error):
        self.failure = error

    def closed(self, console, early):
        self.context.stop_async(None, self.stopped)

    def stopped(self, context, result):
        try:
            context.stop_finish(result)
        except GLib.Error as error:
            self.failure = self.failure or error
        self.done(self)

    def get_text(self):
        if self.failure:
            return self.failure.message
        self.file.seek(0)
        return self.file.read().decode().rstrip("\n")


def main(uri=None):
    loop = GLib.MainLoop()
    running = set()

    def done(job):
        running.remove(job)
        if not running:
            loop.quit()

    LibvirtSandbox.init(None)
    try:
        connection = LibvirtSandbox.connection_open(uri)
    except GLib.Error as error:
        sys.exit("several.py: " + error.message)
    jobs = [Job(connection, ["sh", "-c", "echo number %d" % i], done) for i in range(1, 4)]
    running.update(jobs)
    loop.run()
    for job in jobs:
        print(job.get_text())


main(*sys.argv[1:])
