#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The examples, with the library as it was built.
# drivers: embed embed-user lxc
# seconds: 800

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

build=$(realpath "$(dirname "$VIRT_SANDBOX")/..")
examples=$(realpath "$TEST_DIRECTORY/../../examples")
options=()
[ -z "$uri" ] || options=(-c "$uri")

# example NAME ARGUMENTS…
example() {
    local name=$1
    shift
    case $name in
        *.c) run "$build/examples/${name%.c}" "$@" ;;
        *.py) with_library /usr/bin/python3 "$examples/$name" "$@" ;;
        *.js) with_library gjs "$examples/$name" "$@" ;;
    esac
}

with_library() {
    run env GI_TYPELIB_PATH="$build" LD_LIBRARY_PATH="$build/.libs" "$@"
}

missing_for() {
    case $1 in
        *.py) /usr/bin/python3 -c 'import gi' 2>/dev/null || echo "python3 has no gi" ;;
        *.js) command -v gjs >/dev/null || echo "gjs is not installed" ;;
    esac
    [[ $1 = *.c ]] || [ -e "$build/LibvirtSandbox-1.0.typelib" ] || echo "there is no typelib"
}

# What a user's machine has of its own is that user.
names="run.c run.py run.js"
[ "$DRIVER" != embed-user ] || names=
for name in $names; do
    missing=$(missing_for "$name")
    if [ -n "$missing" ]; then
        skip "$name" "$missing"
        continue
    fi

    example "$name" "${options[@]}" sh -c 'echo "out, $1"; echo err >&2; exit 7' sh "ä b"
    check_status "$name: the status is the program's" 7
    check_stdout "$name: the output, and then the status" $'out, ä b\nexit status 7'
    check_stderr "$name: the errors" "err"

    # The library says the same of all sandboxes, and those of machines take their time.
    if [ "$kind" = container ]; then
        example "$name" "${options[@]}" sh -c 'kill -9 $$'
        check_status "$name: a killed program" 137
        check_stdout "$name: and what killed it" "killed by signal 9"

        example "$name" "${options[@]}" /nonexistent/program
        check_status "$name: a missing program" 127
        check_stdout "$name: and its status" "exit status 127"
        check_content "$name: and why" "${name/run.c/run}: /nonexistent/program: No such file or directory" "$stderr"
    fi

    example "$name" -c nonsense true
    check_status "$name: a connection that is none" 1
    check_stdout "$name: nothing was run then" ""
    check_equal "$name: one line says why" 1 "$(grep -c "^${name/run.c/run}: connection nonsense: " "$stderr")"

    example "$name"
    check_status "$name: no program" 1
done

# --- those that the tutorials show ------------------------------------------------------------

# What a language makes of the library does not depend on the driver.
case $DRIVER in
    embed) languages=c ;;
    embed-user) languages=py ;;
    *) languages="c py js" ;;
esac
for language in $languages; do
    missing=$(missing_for "any.$language")
    if [ -n "$missing" ]; then
        skip "the tutorial in $language" "$missing"
        continue
    fi

    example "output.$language" ${uri:+"$uri"}
    check_status "output.$language: status" 0
    check_stdout "output.$language: what the program wrote, and its status" $'it read: hello\nLinux\nstatus 3'
    check_stderr "output.$language: no messages" ""

    before=$(stat -c %Y /etc/issue)
    example "overlay.$language" ${uri:+"$uri"}
    check_status "overlay.$language: status" 0
    check_stdout_matches "overlay.$language: a file that was changed" '^C /etc/issue$'
    check_stdout_matches "overlay.$language: a file that was deleted" '^D /etc/hostname$'
    check_equal "overlay.$language: not on the host" "$before" "$(stat -c %Y /etc/issue)"

    example "service.$language" ${uri:+"$uri"}
    check_status "service.$language: status" 0
    check_stdout "service.$language: it comes and goes" $'example-service is ready\nand stopped'
    check_stderr "service.$language: no messages" ""

    example "several.$language" ${uri:+"$uri"}
    check_status "several.$language: status" 0
    check_stdout "several.$language: what each wrote" $'number 1\nnumber 2\nnumber 3'

    for name in output overlay service several; do
        example "$name.$language" nonsense
        check_status "$name.$language: a connection that is none" 1
        check "$name.$language: says why" grep -q "connection nonsense: " "$stderr"
    done
done

run "$build/examples/run" "${options[@]}" id -u
check_stdout "an example runs as its caller" "$(id -u)"$'\nexit status 0'

missing=$(missing_for any.py)
if [ -n "$missing" ]; then
    skip "a program that makes nothing ready" "$missing"
else
    with_library /usr/bin/python3 -c '
import sys, gi
gi.require_version("LibvirtSandbox", "1.0")
from gi.repository import LibvirtSandbox
config = LibvirtSandbox.ConfigInteractive.new(None)
config.set_command(["echo", "here"])
connection = LibvirtSandbox.connection_open(sys.argv[1] or None)
print(LibvirtSandbox.run(config, connection, None, None)[1].get_data().decode(), end="")' "$uri"
    check_status "a program that makes nothing ready: status" 0
    check_stdout "a program that makes nothing ready: it runs" here
    check_stderr "a program that makes nothing ready: libvirt says nothing" ""
fi

run "$build/examples/builder" echo "a&b"
check_status "builder.c: status" 0
check_stdout "builder.c: a domain of another driver" $'example runs: echo a&b\nand is gone'
check_stderr "builder.c: no messages" ""

done_testing
