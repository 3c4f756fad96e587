#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A program is built and linked with what `make install` leaves, and nothing else.
# drivers: none
# seconds: 300

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"

build=$(realpath "$(dirname "$VIRT_SANDBOX")/..")
examples=$(realpath "$TEST_DIRECTORY/../../examples")
stage=$work/stage
prefix=$(sed -n 's/^prefix = //p' "$build/Makefile")
headers=$stage$prefix/include/libvirt-sandbox-1.0

run make -C "$build" install DESTDIR="$stage"
check_status "it installs into a directory of its own" 0
check "with virt-sandbox" test -x "$stage$prefix/bin/virt-sandbox"
check "with the guest's init" test -x "$stage$prefix/libexec/libvirt-sandbox/libvirt-sandbox-init"

# As a user would ask, but for where it is.
mkdir "$work/pkgconfig"
sed "s|^prefix=.*|prefix=$stage$prefix|" "$stage$prefix/lib/pkgconfig/libvirt-sandbox-1.0.pc" \
    >"$work/pkgconfig/libvirt-sandbox-1.0.pc"
export PKG_CONFIG_PATH=$work/pkgconfig
ask() {
    pkg-config "$@" libvirt-sandbox-1.0
}
run pkg-config --cflags --libs libvirt-sandbox-1.0
check_status "pkg-config knows it" 0
check_equal "by its version" "$("$VIRT_SANDBOX" --version | grep -oE '[0-9.]+$')" "$(ask --modversion)"
read -ra flags <<<"$(ask --cflags --libs)"

for example in run builder; do
    run gcc -std=gnu11 -Wall -Wextra -Wno-unused-parameter -Werror "$examples/$example.c" \
        -o "$work/$example" "${flags[@]}"
    check_status "the example $example.c builds against it" 0
done
run env LD_LIBRARY_PATH="$stage$prefix/lib" "$work/builder" true
check_stdout "and runs with it" $'example runs: true\nand is gone'

echo '#include <libvirt-sandbox/libvirt-sandbox.h>' >"$work/all.c"
cp "$work/all.c" "$work/all.cc"
run gcc -std=c99 -pedantic -Wall -Werror -fsyntax-only "$work/all.c" "${flags[@]}"
check_status "its one header is enough for C" 0
compiler=$(command -v g++ || command -v clang++)
if [ -n "$compiler" ]; then
    run "$compiler" -Wall -Werror -fsyntax-only "$work/all.cc" "${flags[@]}"
    check_status "and for C++" 0
else
    skip "and for C++" "there is no C++ compiler"
fi

alone=''
while read -r header; do
    echo "#include <libvirt-sandbox/$header>" >"$work/one.c"
    gcc -fsyntax-only "$work/one.c" "${flags[@]}" 2>>"$stderr" || alone+=" $header"
done < <(cd "$headers/libvirt-sandbox" && find . -name '*.h' -printf '%P\n')
check_equal "each header stands alone" "" "$alone"

done_testing
