# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# The ratios as bars, from 1, with what is to be reached marked: build/bench.svg, if there is gnuplot.
#
# shellcheck disable=SC2154

# plain TEXT: without what gnuplot would take for markup.
plain() {
    # shellcheck disable=SC2001 # what was found stands in the replacement
    sed 's/[_^{}@&~]/\\\\&/g' <<<"$1"
}

# Leaves a line of place, ratio, what to reach and whether that is reached, and the texts at both ends.
print_bar() {
    [ -n "$ratio" ] || return 0
    bars=$((bars + 1))
    echo "-$bars $ratio ${reach_ratio:-NaN} ${reached:-none}" >>"$scratch/bars"
    printf 'set ytics add ("%s\\n{/*0.85 against %s}" -%s)\n' "$(plain "$what")" "$(plain "$peer")" "$bars" \
        >>"$scratch/labels"
    # Beside the bar, or its mark where that is farther.
    awk -v y="-$bars" -v ratio="$ratio" -v reach="$reach_ratio" 'BEGIN {
        end = reach != "" && (ratio >= 1 ? reach > ratio : reach < ratio) ? reach : ratio
        side = ratio >= 1 ? "left offset 0.8, 0" : "right offset -0.8, 0"
        printf "set label \"%.2f\" at %s, %s %s\n", ratio, end, y, side
    }' >>"$scratch/labels"
}

# All ratios and marks, with room for the figures beside them.
range_of_bars() {
    awk '{ print $2; if ($3 != "NaN") print $3 }' "$scratch/bars" | sort -g |
        awk 'NR == 1 { least = $1 < 1 ? $1 : 1 }
            END { printf "%g : %g", least / 1.6, ($1 > 1 ? $1 : 1) * 1.6 }'
}

plot_bars() {
    cat <<-END
	set terminal svg size 1000,$((160 + 50 * bars)) font "sans-serif,14" background "white"
	set output "$1"
	set logscale x
	set yrange [-$bars - 0.7 : -0.3]
	set xrange [$(range_of_bars)]
	set xtics add (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
	set xlabel "ratio of the medians, less is better"
	set ytics scale 0 ()
	set grid xtics linetype 1 linecolor rgb "#e0e0e0"
	set border 1
	set tics nomirror out
	set key at screen 0.98, screen 0.97 right top horizontal maxrows 1 samplen 1.5 width -1
	set tmargin 4
	set lmargin 46
	set style fill solid noborder
	set arrow from 1, graph 0 to 1, graph 1 nohead linecolor rgb "#606060" linewidth 1.5 back
	unset mxtics
	bar(kind) = stringcolumn(4) eq kind ? column(2) : NaN
	END
    cat "$scratch/labels"
    cat <<-END
	plot \\
	    "$scratch/bars" using (bar("yes")):1:(1):2:(\$1 - 0.28):(\$1 + 0.28) with boxxyerror \\
	        linecolor rgb "#4c9f70" title "reached", \\
	    "" using (bar("no")):1:(1):2:(\$1 - 0.28):(\$1 + 0.28) with boxxyerror \\
	        linecolor rgb "#d1605e" title "not reached", \\
	    "" using (bar("none")):1:(1):2:(\$1 - 0.28):(\$1 + 0.28) with boxxyerror \\
	        linecolor rgb "#a0a8b0" title "nothing to reach", \\
	    "" using 3:(\$1 - 0.4):(0):(0.8) with vectors nohead linewidth 3 linecolor rgb "black" \\
	        title "what to reach"
	END
}

write_plot() {
    local bars=0
    local file=$build/bench.svg
    if ! command -v gnuplot >/dev/null; then
        echo "skipped: no plot: gnuplot is not installed"
        return
    fi
    : >"$scratch/bars"
    : >"$scratch/labels"
    for_each_record print_bar
    [ "$bars" -gt 0 ] || return 0
    plot_bars "$file" >"$scratch/plot"
    gnuplot "$scratch/plot" || {
        echo "bench: no plot: gnuplot failed" >&2
        return 1
    }
    echo "drawn in $file"
}
