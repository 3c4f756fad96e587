#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// several.js [URI]
//
// Runs several sandboxes at once, in one main loop, and shows what each wrote.

imports.gi.versions.LibvirtSandbox = '1.0';
const { Gio, GLib, LibvirtSandbox } = imports.gi;
const System = imports.system;

// Starts the sandbox without waiting for it, so that all start at the same time.
function start(context) {
    return new Promise((resolve, reject) => {
        context.start_async(null, (_context, result) => {
            try {
                resolve(context.start_finish(result));
            } catch (error) {
                reject(error);
            }
        });
    });
}

function stop(context) {
    return new Promise((resolve, reject) => {
        context.stop_async(null, (_context, result) => {
            try {
                resolve(context.stop_finish(result));
            } catch (error) {
                reject(error);
            }
        });
    });
}

// Waits for the end of the program, whose output goes to the descriptor.
function waitFor(context, fd) {
    return new Promise((resolve, reject) => {
        const console = context.get_app_console();
        console.connect('failed', (_console, error) => reject(error));
        console.connect('closed', () => resolve());
        console.attach(null, Gio.UnixOutputStream.new(fd, false), null);
    });
}

async function run(connection, command) {
    const config = LibvirtSandbox.ConfigInteractive.new(null);
    config.set_command(command);
    const context = LibvirtSandbox.ContextInteractive.new(connection, config);

    await start(context);
    const [fd, path] = GLib.file_open_tmp(null);
    try {
        await waitFor(context, fd);
        const [, bytes] = GLib.file_get_contents(path);
        return new TextDecoder().decode(bytes).trimEnd();
    } finally {
        await stop(context);
        GLib.close(fd);
        GLib.unlink(path);
    }
}

LibvirtSandbox.init(null);

const loop = GLib.MainLoop.new(null, false);
let result = 0;

async function main(uri) {
    try {
        const connection = LibvirtSandbox.connection_open(uri);
        const jobs = [1, 2, 3].map(number => run(connection, ['sh', '-c', `echo number ${number}`]));
        for (const text of await Promise.all(jobs))
            print(text);
    } catch (error) {
        printerr(`several.js: ${error.message}`);
        result = 1;
    }
    loop.quit();
}

// Once the main loop runs.
GLib.idle_add(GLib.PRIORITY_DEFAULT, () => {
    main(ARGV[0] ?? null);
    return GLib.SOURCE_REMOVE;
});
loop.run();
System.exit(result);
