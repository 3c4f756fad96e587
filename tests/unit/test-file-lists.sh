#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The lists of files that are kept by hand have what the tree has: the sources.am of each folder, and
# po/POTFILES.in. Folders are small, and those with sources say what they are for. TAP.

top=${G_TEST_SRCDIR:?run by make check}/../..
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
cd "$top" || exit 1
number=0

# nothing WHAT FILE: one test point, which FILE has the mistakes of.
nothing() {
    number=$((number + 1))
    if [ -s "$2" ]; then
        echo "not ok $number - $1"
        sed 's/^/# /' "$2"
    else
        echo "ok $number - $1"
    fi
}

# The files of the tree: where it is no checkout, those that no build makes.
if [ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$(pwd -P)" ]; then
    git ls-files --cached --others --exclude-standard | while IFS= read -r file; do
        [ ! -e "$file" ] || echo "$file"
    done
else
    find libvirt-sandbox bin data docs examples tests -type f \
        \( -name '*.[ch]' -o -name '*.am' -o -name '*.md' -o -name '*.in' -o -name '*.sh' -o -name '*.py' \)
fi | sort >"$work/tree"

# The files that FRAGMENT… name, a line each: "%D%/" is the folder of the fragment.
names_in() {
    for fragment; do
        folder=$(dirname "$fragment")
        sed -e '/^#/d' -e 's/\\$//' "$fragment" | tr -s ' \t:' '\n' | sed -n "s,^%D%/,$folder/,p"
        echo "$fragment"
    done
}

# A program is named in place of its source, and what is generated in place of what it is made from.
grep -E '(^|/)sources\.am$' "$work/tree" | {
    while IFS= read -r fragment; do
        names_in "$fragment"
        grep -qx "include \$(top_srcdir)/$fragment" Makefile.am || echo "$fragment" >>"$work/apart"
    done
} | sort -u >"$work/names"
: >"$work/dead"
while IFS= read -r name; do
    if [ -e "$name" ]; then
        echo "$name"
    elif [ -e "$name.c" ]; then
        echo "$name.c"
    elif [ -e "$name.in" ]; then
        echo "$name.in"
    else
        echo "$name" >>"$work/dead"
    fi
done <"$work/names" | sort -u >"$work/listed"
grep -E '^(libvirt-sandbox|bin|data|docs|examples|tests)/' "$work/tree" | comm -23 - "$work/listed" >"$work/missing"
touch "$work/apart"

# Every public header is installed, and no other.
grep -E '^libvirt-sandbox/.*\.h$' "$work/tree" | grep -vE -e '-private\.h$' -e '^libvirt-sandbox/(init|guest|export)/' \
    >"$work/public"
grep -E '/sources\.am$' "$work/tree" | while IFS= read -r fragment; do
    sed -n '/^public_headers += /,/[^\\]$/s,^\t%D%/\([^ ]*\.h\).*,\1,p' "$fragment" |
        sed "s,^,$(dirname "$fragment")/,"
done | sort >"$work/installed"
{
    comm -23 "$work/public" "$work/installed" | sed 's/$/: not installed/'
    comm -13 "$work/public" "$work/installed" | sed 's/$/: installed and not public/'
} >"$work/headers"

# Whatever has a text to translate, and nothing else, is listed for the translators.
grep -E '^(libvirt-sandbox|bin)/.*\.c$' "$work/tree" | xargs grep -lE '(^|[^A-Za-z0-9_])N?_\("' | sort >"$work/with-texts"
grep -v '^#' po/POTFILES.in | sort >"$work/translated"
{
    comm -23 "$work/with-texts" "$work/translated" | sed 's,$,: not in po/POTFILES.in,'
    comm -13 "$work/with-texts" "$work/translated" | sed 's,$,: in po/POTFILES.in without a text,'
} >"$work/texts"

# Files of a folder itself; more than 36 are too many to look through.
sed -n 's,/[^/]*$,,p' "$work/tree" | sort | uniq -c | awk '$1 > 36 { print $2 ": " $1 " files" }' >"$work/full"
grep -E '^(libvirt-sandbox|bin)/.*\.c$' "$work/tree" | sed 's,/[^/]*$,,' | sort -u | while IFS= read -r folder; do
    [ -e "$folder/README.md" ] || echo "$folder"
done >"$work/unexplained"

echo 1..7
nothing "every file is in the sources.am of its folder" "$work/missing"
nothing "every file that a sources.am names is there" "$work/dead"
nothing "Makefile.am includes every sources.am" "$work/apart"
nothing "every public header is installed" "$work/headers"
nothing "po/POTFILES.in has every file with messages" "$work/texts"
nothing "no folder has more than 36 files" "$work/full"
nothing "each folder with sources has a README.md" "$work/unexplained"
