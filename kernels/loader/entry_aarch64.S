/* The entries for arm64. An entry leaves every register and the stack as its
   caller set them, but for x16 and x17, which are there for code between a call
   and its function; so that the driver's function finds its arguments whatever
   they are. */

        .macro  entry index, name
        .globl  \name
        .hidden \name           /* of this program alone: the driver keeps calling its own */
        .type   \name, %function
        .balign 16
\name:  hint    34              /* bti c, which older assemblers do not know */
        mov     w16, \index
        adrp    x17, modspec_driver_table
        add     x17, x17, :lo12:modspec_driver_table
        ldr     x17, [x17, x16, lsl 3]
        br      x17
        .size   \name, . - \name
        .endm
#define ENTRY(index, name) entry index, name

        .text
#include "entries.h"

/* What all slots lead to before the library is open; x16 has the slot's index. */
        .globl  modspec_driver_first
        .hidden modspec_driver_first
        .type   modspec_driver_first, %function
        .balign 16
modspec_driver_first:
        hint    36              /* bti j */
        stp     x29, x30, [sp, -224]!
        mov     x29, sp
        stp     x0, x1, [sp, 16]
        stp     x2, x3, [sp, 32]
        stp     x4, x5, [sp, 48]
        stp     x6, x7, [sp, 64]
        stp     x8, x16, [sp, 80]
        stp     q0, q1, [sp, 96]
        stp     q2, q3, [sp, 128]
        stp     q4, q5, [sp, 160]
        stp     q6, q7, [sp, 192]
        bl      modspec_driver_fill
        ldp     x0, x1, [sp, 16]
        ldp     x2, x3, [sp, 32]
        ldp     x4, x5, [sp, 48]
        ldp     x6, x7, [sp, 64]
        ldp     x8, x16, [sp, 80]
        ldp     q0, q1, [sp, 96]
        ldp     q2, q3, [sp, 128]
        ldp     q4, q5, [sp, 160]
        ldp     q6, q7, [sp, 192]
        ldp     x29, x30, [sp], 224
        adrp    x17, modspec_driver_table
        add     x17, x17, :lo12:modspec_driver_table
        ldr     x17, [x17, x16, lsl 3]
        br      x17
        .size   modspec_driver_first, . - modspec_driver_first

        .section .note.GNU-stack, "", %progbits
