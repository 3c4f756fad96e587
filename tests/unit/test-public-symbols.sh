#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What libvirt-sandbox.sym exports is what the public headers declare, no more and no less, and the library
# that was built has all of it. TAP.

top=${G_TEST_SRCDIR:?run by make check}/../..
build=${G_TEST_BUILDDIR:?run by make check}/../..
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
number=0

# same WHAT FILE FILE: one test point; what only one of them has is told.
same() {
    number=$((number + 1))
    if [ -s "$2" ] && cmp -s "$2" "$3"; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        diff "$2" "$3" | sed 's/^/# /'
    fi
}

headers=$(cd "$top/libvirt-sandbox" && find . -name '*.h' ! -name '*-private.h' ! -path './init/*' ! -path './guest/*' \
    ! -path './export/*' | sed 's,^\./,,' | sort)

# Without comments and macros, what is left of a function is its name before a parenthesis; types are declared
# by a macro that makes the name of their function.
(
    cd "$top/libvirt-sandbox" || exit
    for header in $headers; do
        sed -e ':join' -e '/\\$/{N;s/\\\n//;b join' -e '}' "$header"
    done
) | tr '\n' '\001' | sed -e 's,/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/,,g' | tr '\001' '\n' | grep -v '^ *#' >"$work/code"
{
    grep -o 'gvir_sandbox_[a-z0-9_]* *(' "$work/code" | tr -d ' ('
    tr '\n' ' ' <"$work/code" | grep -o 'G_DECLARE_[A-Z]*_TYPE *([A-Za-z]*, *[a-z0-9_]*' | sed 's/.*, *\(.*\)/\1_get_type/'
} | sort -u >"$work/declared"
# Types are declared by a macro, which makes the type of their class as well, or defined here.
grep -o '_\{0,1\}GVirSandbox[A-Za-z]*' "$work/code" | sed 's/^_//' | sort -u >"$work/named"
{
    tr '\n' ' ' <"$work/code" | grep -o 'G_DECLARE_[A-Z]*_TYPE *([A-Za-z]*' | sed -e 's/.*(\(.*\)/\1\n\1Class/'
    sed -n 's/^} \(GVirSandbox[A-Za-z]*\);.*/\1/p' "$work/code"
    grep -o '^typedef struct _GVirSandbox[A-Za-z]*' "$work/code" | sed 's/.*_//'
} | sort -u | comm -12 "$work/named" - >"$work/public"
sed -n '/global:/,/local:/s/^ *\(gvir_sandbox_[a-z0-9_]*\);$/\1/p' "$top/libvirt-sandbox/libvirt-sandbox.sym" >"$work/listed"
sort -u "$work/listed" >"$work/exported"

echo 1..5
same "the symbol file has what the headers declare" "$work/declared" "$work/exported"
same "each symbol once, in order" "$work/exported" "$work/listed"

library=$build/.libs/libvirt-sandbox-1.0.so
nm -D --defined-only "$library" | sed -n 's/^[0-9a-f]* T \([a-z0-9_]*\).*/\1/p' | sort -u >"$work/built"
same "the library has what the symbol file exports" "$work/exported" "$work/built"

echo "$headers" | grep -v '^libvirt-sandbox\.h$' >"$work/headers"
sed -n 's,^#include <libvirt-sandbox/\(.*\)>$,\1,p' "$top/libvirt-sandbox/libvirt-sandbox.h" | sort >"$work/included"
same "libvirt-sandbox.h includes every public header" "$work/headers" "$work/included"
same "the public headers name no private type" "$work/named" "$work/public"
