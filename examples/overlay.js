#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// overlay.js [URI]
//
// Lets a program write to the root, shows what it changed there, and keeps nothing of it.

imports.gi.versions.LibvirtSandbox = '1.0';
const { GLib, LibvirtSandbox } = imports.gi;
const System = imports.system;

function run(uri, command) {
    const connection = LibvirtSandbox.connection_open(uri);
    const config = LibvirtSandbox.ConfigInteractive.new(null);
    config.set_command(command);
    // Root inside, as an installer wants to be.
    config.set_userid(0);
    config.set_groupid(0);
    config.set_username('root');
    config.set_homedir('/root');
    config.set_privileged(true);
    // What it writes to the root goes to memory.
    config.set_overlay(true);
    // The console tells each change; a path instead of "-" is a file that gets them as a tar.
    config.set_changes('-');
    const context = LibvirtSandbox.ContextInteractive.new(connection, config);
    const loop = GLib.MainLoop.new(null, false);
    let failure = null;

    context.start();
    try {
        const console = context.get_app_console();
        console.connect('changed', (_console, kind, path) => print(kind, path));
        console.connect('failed', (_console, error) => (failure = error));
        console.connect('closed', () => loop.quit());
        console.attach_stdio();
        loop.run();
        if (failure)
            throw failure;
    } finally {
        context.stop();
    }
}

LibvirtSandbox.init(null);
try {
    run(ARGV[0] ?? null, ['sh', '-c', 'echo mine >/etc/issue; rm /etc/hostname']);
} catch (error) {
    printerr(`overlay.js: ${error.message}`);
    System.exit(1);
}
