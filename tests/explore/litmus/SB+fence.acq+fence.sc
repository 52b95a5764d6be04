# SPDX-License-Identifier: MIT
# Store buffering with fences: two of seq_cst, or none.
# Source: O. Lahav et al., PLDI 2017, psc of fences; on x86 only the seq_cst
# fence is an instruction
allowed rc11 tso: 0:r0=0 1:r0=0
forbidden sc: 0:r0=0 1:r0=0
x=0 y=0
{ W.rlx x 1; F.acq; r0 = R.rlx y }
{ W.rlx y 1; F.sc; r0 = R.rlx x }
