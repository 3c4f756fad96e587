#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// output.js [URI]
//
// Runs a program in a sandbox, and reads what it writes.

imports.gi.versions.LibvirtSandbox = '1.0';
const { Gio, GLib, LibvirtSandbox } = imports.gi;
const System = imports.system;

// Gives what the program wrote to its standard output, and how it ended.
function run(uri, command) {
    const connection = LibvirtSandbox.connection_open(uri);
    const config = LibvirtSandbox.ConfigInteractive.new(null);
    config.set_command(command);
    const context = LibvirtSandbox.ContextInteractive.new(connection, config);
    const loop = GLib.MainLoop.new(null, false);
    let end = null;
    let failure = null;

    context.start();
    const [fd, path] = GLib.file_open_tmp(null);
    try {
        const console = context.get_app_console();
        console.connect('exited', (_console, status) => (end = status));
        console.connect('failed', (_console, error) => (failure = error));
        console.connect('closed', () => loop.quit());
        // No input; the output goes to the file, the errors to where ours go.
        console.attach(null, Gio.UnixOutputStream.new(fd, false), Gio.UnixOutputStream.new(2, false));
        loop.run();
        if (failure)
            throw failure;
        const [, bytes] = GLib.file_get_contents(path);
        // The status is as waitpid() gives it.
        return { status: end >> 8, text: new TextDecoder().decode(bytes) };
    } finally {
        context.stop();
        GLib.close(fd);
        GLib.unlink(path);
    }
}

// A driver in our own process writes its log where the program's errors go, unless told.
GLib.setenv('LIBVIRT_LOG_OUTPUTS', '4:file:/dev/null', false);
LibvirtSandbox.init(null);
try {
    const { status, text } = run(ARGV[0] ?? null, ['sh', '-c', 'echo hello from $(uname -s); exit 3']);
    print(`it wrote: ${text.trimEnd()}`);
    print(`status ${status}`);
} catch (error) {
    printerr(`output.js: ${error.message}`);
    System.exit(1);
}
