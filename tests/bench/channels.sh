# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Rows about what goes through a sandbox. The streams of a machine and the single bytes are timed from when a
# first byte came back, so no start is in them; that of a container is timed with its start, as a user has it.
#
# shellcheck disable=SC2154

container() { "${sandbox[@]}" -c lxc:/// -- "$@"; }

# --- much ---------------------------------------------------------------------------------------

machine_stream() { timeout 300 "$programs/there-and-back" stream 200 "${sandbox[@]}" -- cat; }
bare_stream() { bare_channel stream 200; }

row_machine_stream() {
    find_bare_machine || return 1
    # A rate of 0.8 of the channel's.
    compare machine-stream s 1.25 "200 MiB through cat in a machine" "figure machine_stream" \
        "its bare channel" "figure bare_stream"
}

gibibyte_through() {
    head -c 1G /dev/zero | "$@" | cmp -n 1073741824 - /dev/zero
}

row_container_stream() {
    # Half the rate of the pipe.
    compare container-stream s 2.00 "1 GiB through cat in a container" \
        "seconds gibibyte_through container cat" "cat here" "seconds gibibyte_through cat"
}

# --- little -------------------------------------------------------------------------------------

machine_bytes() { timeout 300 "$programs/there-and-back" bytes 1000 "${sandbox[@]}" -- cat; }
bare_bytes() { bare_channel bytes 1000; }

row_machine_byte() {
    find_bare_machine || return 1
    compare machine-byte µs 1.30 "a byte there and back, machine" "figure machine_bytes" \
        "its bare channel" "figure bare_bytes"
}

container_bytes() { timeout 300 "$programs/there-and-back" bytes 10000 "${sandbox[@]}" -c lxc:/// -- cat; }
socket_bytes() { "$programs/there-and-back" bytes 10000; }

row_container_byte() {
    compare container-byte µs 1.30 "a byte there and back, container" "figure container_bytes" \
        "a socket pair" "figure socket_bytes"
}
