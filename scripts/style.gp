# SPDX-License-Identifier: MIT
#
# How every figure of synclab looks. Colours after M. Okabe and K. Ito, "Color
# universal design" (2008): told apart by colour-blind readers and in print,
# where the marker, which is the same for an implementation in every figure,
# tells as well.
set encoding utf8
set style line 1 lc rgb "#0072b2" pt 7 ps 0.8 lw 2
set style line 2 lc rgb "#d55e00" pt 5 ps 0.8 lw 2
set style line 3 lc rgb "#009e73" pt 9 ps 0.8 lw 2
set style line 4 lc rgb "#cc79a7" pt 13 ps 0.8 lw 2
set style line 5 lc rgb "#56b4e9" pt 11 ps 0.8 lw 2
set style line 6 lc rgb "#e69f00" pt 15 ps 0.8 lw 2
set style line 7 lc rgb "#000000" pt 4 ps 0.8 lw 2
set style line 8 lc rgb "#888888" pt 6 ps 0.8 lw 2
set style line 9 lc rgb "#882255" pt 12 ps 0.8 lw 2
set style line 10 lc rgb "#44aa99" pt 8 ps 0.8 lw 2
set style line 11 lc rgb "#999933" pt 10 ps 0.8 lw 2
set style line 12 lc rgb "#332288" pt 14 ps 0.8 lw 2
set style line 13 lc rgb "#aa4499" pt 3 ps 0.8 lw 2
set style line 14 lc rgb "#117733" pt 2 ps 0.8 lw 2
set style line 15 lc rgb "#ddcc77" pt 1 ps 0.8 lw 2
set style line 16 lc rgb "#661100" pt 6 ps 0.8 lw 2
set style line 20 lc rgb "#888888" dt 2 lw 1.5
set border 3 lc rgb "#444444"
set tics nomirror out scale 0.5
set grid ytics lc rgb "#dddddd" lw 1
set key noenhanced
set title noenhanced
set format y "%.1s%c"
set bars 0.5
