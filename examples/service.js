#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// service.js [URI]
//
// Starts a service, waits until its log says that it is ready, and stops it.

imports.gi.versions.LibvirtSandbox = '1.0';
const { Gio, GLib, LibvirtSandbox } = imports.gi;
const System = imports.system;

// Runs the main loop until the console has shown the text. Its output goes to a file, which is looked at.
function awaitText(console, wanted) {
    const loop = GLib.MainLoop.new(null, false);
    const [fd, path] = GLib.file_open_tmp(null);
    const output = Gio.UnixOutputStream.new(fd, true);

    console.attach(null, output, null);
    GLib.timeout_add(GLib.PRIORITY_DEFAULT, 100, () => {
        const [, bytes] = GLib.file_get_contents(path);
        if (!new TextDecoder().decode(bytes).includes(wanted))
            return GLib.SOURCE_CONTINUE;
        loop.quit();
        return GLib.SOURCE_REMOVE;
    });
    loop.run();
    console.detach();
    output.close(null);
    GLib.unlink(path);
}

function run(uri, command) {
    const connection = LibvirtSandbox.connection_open(uri);
    const config = LibvirtSandbox.ConfigServiceGeneric.new('example-service');
    config.set_command(command);
    const context = LibvirtSandbox.ContextService.new(connection, config);

    // The program starts with the sandbox, and has nobody at its other end.
    context.start();
    try {
        // What it writes goes to the log.
        awaitText(context.get_log_console(), 'ready');
        print(`${config.get_name()} is ready`);
    } finally {
        context.stop();
    }
    print('and stopped');
}

LibvirtSandbox.init(null);
try {
    run(ARGV[0] ?? null, ['sh', '-c', 'while :; do echo ready; sleep 1; done']);
} catch (error) {
    printerr(`service.js: ${error.message}`);
    System.exit(1);
}
