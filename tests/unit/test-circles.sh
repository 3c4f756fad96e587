#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# No two files of a layer call each other in a circle, neither directly nor through others: seen in the symbols
# that their objects define and use. TAP.

top=${G_TEST_SRCDIR:?run by make check}/../..
build=${G_TEST_BUILDDIR:?run by make check}/../..
export LC_ALL=C
number=0

# objects PREFIX LAYER: those of the sources that there are, as an old build may have others as well.
objects() {
    (cd "$top/libvirt-sandbox" && find "$2" -name '*.c') |
        sed "s,^\(.*/\)\([^/]*\)\.c\$,$build/libvirt-sandbox/\1$1\2.o,"
}

# calls PREFIX LAYER: a line for each use of a symbol between two files: the user, the definer, the symbol.
calls() {
    objects "$1" "$2" | tr '\n' '\0' | xargs -0 nm -A | awk -v prefix="$1" '
        {
            file = $1
            sub(/\.o:.*/, "", file)
            sub(/^.*\/libvirt-sandbox\//, "", file)
            sub(prefix, "", file)
            if ($(NF - 1) ~ /^[TDBRC]$/)
                defined_in[$NF] = file
            else if ($(NF - 1) == "U")
                used[++count] = file " " $NF
        }
        END {
            for (i = 1; i <= count; i++) {
                split(used[i], use, " ")
                if (use[2] in defined_in && defined_in[use[2]] != use[1])
                    print use[1], defined_in[use[2]], use[2]
            }
        }'
}

# circles: of the calls, those that are part of a circle. Removes, again and again, what calls or is called by no
# other: a circle is what is left of that.
circles() {
    awk '
        { from[NR] = $1; to[NR] = $2; symbol[NR] = $3; alive[NR] = 1 }
        END {
            do {
                split("", calls)
                split("", called)
                for (i = 1; i <= NR; i++)
                    if (alive[i]) {
                        calls[from[i]] = 1
                        called[to[i]] = 1
                    }
                removed = 0
                for (i = 1; i <= NR; i++)
                    if (alive[i] && !(from[i] in called && to[i] in calls)) {
                        alive[i] = 0
                        removed = 1
                    }
            } while (removed)
            for (i = 1; i <= NR; i++)
                if (alive[i])
                    print from[i] ".c calls " symbol[i] " of " to[i] ".c"
        }'
}

# check WHAT PREFIX LAYER: one test point.
check() {
    what=$1
    number=$((number + 1))
    found=$(calls "$2" "$3")
    if [ -z "$found" ]; then
        echo "not ok $number - $what: no calls were found"
        return
    fi
    left=$(echo "$found" | circles)
    if [ -z "$left" ]; then
        echo "ok $number - $what"
    else
        echo "not ok $number - $what"
        echo "$left" | sort -u | sed 's/^/# /'
    fi
}

echo 1..2
number=$((number + 1))
if [ -n "$(printf 'a b f\nb c g\nc a h\nd a i\n' | circles)" ] && [ -z "$(printf 'a b f\nb c g\na c h\n' | circles)" ]; then
    echo "ok $number - a circle is noticed"
else
    echo "not ok $number - a circle is noticed"
fi
check "no circle in init" libinit_a- init
