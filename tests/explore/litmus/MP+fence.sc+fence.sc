# SPDX-License-Identifier: MIT
# Message passing with fences: one that releases and one that acquires.
# Source: O. Lahav et al., PLDI 2017, sw from a release fence to an acquire
# fence
forbidden rc11: 1:r0=1 1:r1=0
forbidden sc tso: 1:r0=1 1:r1=0
x=0 y=0
{ W.rlx x 1; F.sc; W.rlx y 1 }
{ r0 = R.rlx y; F.sc; r1 = R.rlx x }
