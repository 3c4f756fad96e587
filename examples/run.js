#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// run.js [-c URI] PROGRAM [ARGUMENTS…]
//
// Runs a program in a sandbox that is there for this one run, and says at the end how it ended.

imports.gi.versions.LibvirtSandbox = '1.0';
const { GLib, LibvirtSandbox } = imports.gi;
const System = imports.system;

// The status of a program, as waitpid() gives it.
function describe(status) {
    const signal = status & 0x7f;

    if (signal !== 0)
        return { text: `killed by signal ${signal}`, result: 128 + signal };
    return { text: `exit status ${status >> 8}`, result: status >> 8 };
}

function run(uri, command) {
    // Where it runs: without a URI in a virtual machine that belongs to this process.
    const connection = LibvirtSandbox.connection_open(uri);
    // What it is: a name (here one by chance), a program, and many things that can be set.
    const config = LibvirtSandbox.ConfigInteractive.new(null);
    config.set_command(command);
    // Its life.
    const context = LibvirtSandbox.ContextInteractive.new(connection, config);
    const loop = GLib.MainLoop.new(null, false);
    let result = 1;

    context.start();
    try {
        const console = context.get_app_console();
        // The program has ended, and all that it wrote was delivered.
        console.connect('exited', (_console, status) => {
            const end = describe(status);
            print(end.text);
            result = end.result;
        });
        // It could not be run, or the sandbox ended too early.
        console.connect('failed', (_console, error) => printerr(`run.js: ${error.message}`));
        // The last signal of a console, however its end came about.
        console.connect('closed', () => loop.quit());
        // Joins the program to our standard streams; it starts now.
        console.attach_stdio();
        loop.run();
    } finally {
        context.stop();
    }
    return result;
}

let uri = null;
let command = ARGV;

if (command.length > 1 && command[0] === '-c') {
    uri = command[1];
    command = command.slice(2);
}
if (command.length === 0) {
    printerr('usage: run.js [-c URI] PROGRAM [ARGUMENTS...]');
    System.exit(1);
}
LibvirtSandbox.init(null);
try {
    System.exit(run(uri, command));
} catch (error) {
    printerr(`run.js: ${error.message}`);
    System.exit(1);
}
