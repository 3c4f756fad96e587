#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""overlay.py [URI]

Lets a program write to the root, shows what it changed there, and keeps nothing of it.
"""

import sys

import gi

gi.require_version("LibvirtSandbox", "1.0")
from gi.repository import GLib, LibvirtSandbox


def run(uri, command):
    connection = LibvirtSandbox.connection_open(uri)
    config = LibvirtSandbox.ConfigInteractive.new(None)
    config.set_command(command)
    # Root inside, as an installer wants to be.
    config.set_userid(0)
    config.set_groupid(0)
    config.set_username("root")
    config.set_homedir("/root")
    config.set_privileged(True)
    # What it writes to the root goes to memory.
    config.set_overlay(True)
    # The console tells each change; a path instead of "-" is a file that gets them as a tar.
    config.set_changes("-")
    context = LibvirtSandbox.ContextInteractive.new(connection, config)
    loop = GLib.MainLoop()
    failures = []

    context.start()
    try:
        console = context.get_app_console()
        console.connect("changed", lambda console, kind, path: print(kind, path))
        console.connect("failed", lambda console, error: failures.append(error))
        console.connect("closed", lambda console, early: loop.quit())
        console.attach_stdio()
        loop.run()
    finally:
        context.stop()
    if failures:
        raise failures[0]


def main(uri=None):
    LibvirtSandbox.init(None)
    try:
        run(uri, ["sh", "-c", "echo mine >/etc/issue; rm /etc/hostname"])
    except GLib.Error as error:
        sys.exit("overlay.py: " + error.message)


main(*sys.argv[1:])
