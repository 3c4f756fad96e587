#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The manual page of saved descriptions has the keys that the code reads, no more and no less. TAP.

top=${G_TEST_SRCDIR:?run by make check}/../..
build=${G_TEST_BUILDDIR:?run by make check}/../..
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export LC_ALL=C

page=$build/docs/virt-sandbox.sandbox.5

# A key is in quotes behind its group or the variable that has it, or in a format that numbers it.
find "$top/libvirt-sandbox/config" -name '*.c' -exec cat {} + | tr -s '\n ' ' ' >"$work/code"
{
    grep -oE 'keyfile_(read_[a-z0-9]+|require)\([^;"]*("[a-z]+", )?"[A-Za-z]+", (&|error|G|[A-Z])' "$work/code" |
        sed 's/.*"\([A-Za-z]*\)", [^"]*$/\1/'
    grep -oE 'load_counted\([a-z, ]*"[a-z]+"' "$work/code" | sed 's/.*"\([a-z]*\)"$/\1/'
    grep -oE '\{ ("[a-z-]+"|NULL), "(core|identity|security)", "[A-Za-z]+"' "$work/code" |
        sed 's/.*"\([A-Za-z]*\)"$/\1/; s/^hide$/hide.N/'
    grep -oE '"(argv|hide)\.%u"' "$work/code" | sed 's/"\(.*\)%u"/\1N/'
    grep -oE 'required\[\] = \{[^}]*' "$work/code" | grep -oE '"[a-z]+"' | tr -d '"'
} | sort -u >"$work/read"
sed -n '/^\.SH GROUPS/,/^\.SH EXAMPLES/s/^\.BR \([A-Za-z].*\) " (.*/\1/p' "$page" |
    sed 's/ ", " / /g' | tr ' ' '\n' | sort -u >"$work/documented"

echo 1..1
if [ "$(wc -l <"$work/read")" -gt 40 ] && cmp -s "$work/read" "$work/documented"; then
    echo "ok 1 - the manual page has the keys that are read"
else
    echo "not ok 1 - the manual page has the keys that are read"
    diff "$work/read" "$work/documented" | sed 's/^/# /'
fi
