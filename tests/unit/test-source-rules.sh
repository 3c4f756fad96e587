#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What docs/architecture.md asks of all sources, as far as it can be seen in their text: the header of a name, no
# circles, one domain of errors, and no option of the program in the library. TAP.

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

find libvirt-sandbox bin -name '*.[ch]' | sort >"$work/all"
grep '\.c$' "$work/all" >"$work/code"

# on FILE COMMAND…: the command with the files that FILE names.
on() {
    list=$1
    shift
    tr '\n' '\0' <"$list" | xargs -0 "$@"
}

echo 1..6

# A function begins at the start of a line, behind its type on the line above. A public header may be a folder up. The
# public functions of a description are one class, in config.h, and have a source for each subject.
on "$work/all" awk '
    function unit(file) {
        sub(/(-private)?\.[ch]$/, "", file)
        sub(/.*\//, "", file)
        return file
    }
    function is_of_description(place) {
        return place ~ /^libvirt-sandbox\/config\// && ("config " substr(place, index(place, " ") + 1)) in declared
    }
    FNR == 1 { type = "" }
    FILENAME ~ /\.h$/ {
        text = $0
        while (match(text, /[a-z][A-Za-z0-9_]*\(/)) {
            declared[unit(FILENAME) " " substr(text, RSTART, RLENGTH - 1)] = 1
            text = substr(text, RSTART + RLENGTH)
        }
        next
    }
    /^[a-z][A-Za-z0-9_]*\(/ && type != "" && type !~ /^static / && type !~ /[;,{}]$/ {
        name = $0
        sub(/\(.*/, "", name)
        if (name != "main")
            defined[FILENAME " " name] = unit(FILENAME) " " name
    }
    { type = /^[A-Za-z]/ ? $0 : "" }
    END {
        for (place in defined)
            if (!(defined[place] in declared) && !is_of_description(place))
                print place "() is in no header of that name"
    }
' | sort >"$work/undeclared"
nothing "what a source has for others is declared in the header of its name" "$work/undeclared"

# shellcheck disable=SC2046
# Who calls whom, a source with its headers being one: of the functions that are declared for others, by name.
on "$work/all" awk '
    function unit(file) {
        sub(/(-private)?\.[ch]$/, "", file)
        return file
    }
    FNR == 1 { type = "" }
    FILENAME ~ /\.c$/ && pass == 1 && /^[a-z][A-Za-z0-9_]*\(/ && type != "" {
        name = $0
        sub(/\(.*/, "", name)
        if (type ~ /^static /)
            own[unit(FILENAME) " " name] = 1
        else
            home[name] = unit(FILENAME)
    }
    pass == 1 { type = /^[A-Za-z]/ ? $0 : ""; next }
    FILENAME ~ /\.c$/ && !/^ *\/?\*/ {
        text = $0
        gsub(/"[^"]*"/, "", text)
        while (match(text, /[a-z][a-z0-9_]*/)) {
            name = substr(text, RSTART, RLENGTH)
            text = substr(text, RSTART + RLENGTH)
            if (name in home && home[name] != unit(FILENAME) && !(unit(FILENAME) " " name in own))
                print unit(FILENAME), home[name]
        }
    }
' pass=1 $(cat "$work/all") pass=2 | sort -u >"$work/uses"
# A use is on a circle if its end leads back to its start.
awk '
    function leads(from, to,   i, count, list) {
        seen[from] = 1
        if (from == to)
            return 1
        count = split(uses[from], list, " ")
        for (i = 1; i <= count; i++)
            if (!(list[i] in seen) && leads(list[i], to))
                return 1
        return 0
    }
    { user[NR] = $1; used[NR] = $2; uses[$1] = uses[$1] " " $2 }
    END {
        for (n = 1; n <= NR; n++) {
            delete seen
            if (leads(used[n], user[n]))
                print user[n] " uses " used[n]
        }
    }
' "$work/uses" >"$work/circles"
nothing "no two sources call each other, also not by others" "$work/circles"

# The symbol file has the public functions; those with an error begin with the border.
sed -n 's/^ *\(gvir_sandbox_[a-z0-9_]*\);$/\1/p' libvirt-sandbox/libvirt-sandbox.sym >"$work/public"
on "$work/code" awk -v public="$work/public" '
    BEGIN { while ((getline line <public) > 0) exported[line] = 1 }
    /^[a-z][a-z0-9_]*\(/ { name = $0; sub(/\(.*/, "", name); arguments = "" }
    name != "" { arguments = arguments $0 }
    /^{$/ {
        if (name in exported && arguments ~ /GError \*\*/) {
            found++
            getline
            if ($0 !~ /^ *GVIR_SANDBOX_BORDER\(error\);/)
                print FILENAME ": " name "() does not begin with GVIR_SANDBOX_BORDER(error)"
        }
        name = ""
    }
    END { if (found == 0) print "no public function with an error was found" }
' >"$work/borders"
nothing "an error leaves a public function in the domain of the library" "$work/borders"

# In texts; a word of its own is an argument for another program.
options=$(sed -n 's/^ *{ "\([a-z-]*\)", .*/\1/p' bin/options/option-table.c | tr '\n' '|' | sed 's/|$//')
grep '^libvirt-sandbox/.*\.c$' "$work/all" >"$work/library"
[ -n "$options" ] || echo "no options were found" >"$work/named"
on "$work/library" sed -nE -e 's/"--[a-z-]*"//g' -e '/^ *\/?\*/d' \
    -e "/\".*--($options)([^a-z-]|\$).*/{F;p;}" >>"$work/named"
nothing "the library names no option of the command line" "$work/named"

# What the sources of a layer may include of the library, as in docs/architecture.md; all may include error.h.
cat >"$work/layers" <<'END'
util
guest
libvirt util
config libvirt util
builder config guest libvirt util
console guest libvirt util
context builder config console guest libvirt util
init guest
export guest builder/root
bin libvirt-sandbox.h libvirt/autoptr-private.h
END
on "$work/all" grep -HoE '^#include "libvirt-sandbox/[^"]*"' |
    sed 's,^libvirt-sandbox/,,; s,:#include "libvirt-sandbox/\(.*\)"$, \1,' | sort >"$work/includes"
awk -v layers="$work/layers" '
    BEGIN {
        while ((getline line <layers) > 0) {
            count = split(line, words, " ")
            known[words[1]] = 1
            for (i = 2; i <= count; i++)
                allowed[words[1] " " words[i]] = 1
        }
    }
    {
        layer = used = folder = $1
        sub(/\/.*/, "", layer)
        used = folder = $2
        sub(/\/.*/, "", used)
        sub(/\/[^\/]*$/, "", folder)
    }
    # Those at the top of the library, which start it.
    layer == $1 || used == layer || $2 == "error.h" { next }
    !(layer in known) { print $1 " is in a layer that this test does not know"; next }
    !((layer " " used) in allowed) && !((layer " " folder) in allowed) && !((layer " " $2) in allowed) {
        print $1 " includes " $2
    }
    END { if (NR == 0) print "no includes were found" }
' "$work/includes" >"$work/upward"
nothing "a layer includes only the layers below it" "$work/upward"

# The folders of builder/ from the lowest to the highest. Each may include those before it, and of the files above them
# the list of findings.
awk -v order="boot root home storage overlay security network export" '
    BEGIN {
        count = split(order, names, " ")
        for (i = 1; i <= count; i++)
            height["builder/" names[i]] = i
        height["builder"] = count + 1
    }
    $1 ~ /^builder\// && $2 ~ /^builder\// && $2 != "builder/findings-private.h" {
        from = $1
        to = $2
        sub(/\/[^\/]*$/, "", from)
        sub(/\/[^\/]*$/, "", to)
        if (!(from in height) || !(to in height) || height[to] > height[from])
            print $1 " includes " $2
    }
' "$work/includes" >"$work/folders"
nothing "a folder of builder/ includes only those below it" "$work/folders"
