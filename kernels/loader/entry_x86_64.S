/* The entries for x86-64. An entry leaves every register and the stack as its
   caller set them, but for r10 and r11, which no argument of a C function is in;
   so that the driver's function finds its arguments whatever they are. */

        .macro  entry index, name
        .globl  \name
        .hidden \name           /* of this program alone: the driver keeps calling its own */
        .type   \name, @function
        .balign 16
\name:  endbr64
        movl    $\index, %r11d
        leaq    modspec_driver_table(%rip), %r10
        jmp     *(%r10, %r11, 8)
        .size   \name, . - \name
        .endm
#define ENTRY(index, name) entry index, name

        .text
#include "entries.h"

/* What all slots lead to before the library is open; r11 has the slot's index. */
        .globl  modspec_driver_first
        .hidden modspec_driver_first
        .type   modspec_driver_first, @function
        .balign 16
modspec_driver_first:
        endbr64
        pushq   %rdi
        pushq   %rsi
        pushq   %rdx
        pushq   %rcx
        pushq   %r8
        pushq   %r9
        pushq   %rax
        pushq   %r11
        subq    $136, %rsp      /* eight vectors, and 8 bytes that align the stack to 16 */
        movups  %xmm0, (%rsp)
        movups  %xmm1, 16(%rsp)
        movups  %xmm2, 32(%rsp)
        movups  %xmm3, 48(%rsp)
        movups  %xmm4, 64(%rsp)
        movups  %xmm5, 80(%rsp)
        movups  %xmm6, 96(%rsp)
        movups  %xmm7, 112(%rsp)
        call    modspec_driver_fill
        movups  (%rsp), %xmm0
        movups  16(%rsp), %xmm1
        movups  32(%rsp), %xmm2
        movups  48(%rsp), %xmm3
        movups  64(%rsp), %xmm4
        movups  80(%rsp), %xmm5
        movups  96(%rsp), %xmm6
        movups  112(%rsp), %xmm7
        addq    $136, %rsp
        popq    %r11
        popq    %rax
        popq    %r9
        popq    %r8
        popq    %rcx
        popq    %rdx
        popq    %rsi
        popq    %rdi
        leaq    modspec_driver_table(%rip), %r10
        jmp     *(%r10, %r11, 8)
        .size   modspec_driver_first, . - modspec_driver_first

        .section .note.GNU-stack, "", @progbits
