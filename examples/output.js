#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// output.js [URI]
//
// Runs a program in a sandbox with an input, and gets what it writes and how it ended.

imports.gi.versions.LibvirtSandbox = '1.0';
const { LibvirtSandbox } = imports.gi;
const System = imports.system;

function run(connection) {
    const config = LibvirtSandbox.ConfigInteractive.new(null);
    config.set_command(['sh', '-c', "sed 's/^/it read: /'; uname -s >&2; exit 3"]);
    const input = new TextEncoder().encode('hello\n');
    const [, output, errors, status] = LibvirtSandbox.run(config, connection, input, null);

    print(new TextDecoder().decode(output.get_data()).trimEnd());
    print(new TextDecoder().decode(errors.get_data()).trimEnd());
    // The status is as waitpid() gives it.
    print(`status ${status >> 8}`);
}

LibvirtSandbox.init(null);
try {
    run(LibvirtSandbox.connection_open(ARGV[0] ?? null));
} catch (error) {
    printerr(`output.js: ${error.message}`);
    System.exit(1);
}
