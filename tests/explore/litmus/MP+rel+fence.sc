# SPDX-License-Identifier: MIT
# A release store and an acquire fence.
# Source: O. Lahav et al., PLDI 2017, sw with a fence on one side
forbidden rc11: 1:r0=1 1:r1=0
forbidden sc tso: 1:r0=1 1:r1=0
x=0 y=0
{ W.rlx x 1; W.rel y 1 }
{ r0 = R.rlx y; F.sc; r1 = R.rlx x }
