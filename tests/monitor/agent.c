// The program in test enclaves: does what the host asks in shared memory. It is position-independent and touches its own image and stack alone.
#include "protocol.h"
#include "vectors.h"

__asm__(
    "    .section .agent.entry, \"ax\"\n"
    "    .globl agent_entry\n"
    "agent_entry:\n"
    "    la sp, agent_stack_end\n"
    "    addi sp, sp, -64\n"
    "    sd a0, 0(sp)\n    sd a1, 8(sp)\n    sd a2, 16(sp)\n"
    "    sd a3, 24(sp)\n    sd a4, 32(sp)\n    sd a5, 40(sp)\n    sd a6, 48(sp)\n    sd a7, 56(sp)\n"
    "    mv a0, sp\n"
    "    call agent_main\n"
    "    .balign 4\n"
    // A fault goes on where the agent says, with the cause in a0; an interrupt is counted and ends its enable bit.
    "agent_trap:\n"
    "    csrrw t6, sscratch, t6\n"
    "    csrr t6, scause\n"
    "    bltz t6, 1f\n"
    "    mv a0, t6\n"
    "    la t5, agent_recover\n"
    "    ld t5, 0(t5)\n"
    "    csrw sepc, t5\n"
    "    li t5, 0x100\n"
    "    csrs sstatus, t5\n"
    "    sret\n"
    "1:  la t6, agent_ticks\n"
    "    sd t5, 8(t6)\n"
    "    ld t5, 0(t6)\n"
    "    addi t5, t5, 1\n"
    "    sd t5, 0(t6)\n"
    "    li t5, 0x20\n"
    "    csrc sie, t5\n"
    "    ld t5, 8(t6)\n"
    "    csrrw t6, sscratch, t6\n"
    "    sret\n"
    // uint64_t agent_try(uint64_t op, uint64_t address, uint64_t *value): 0, or the cause of the fault.
    "agent_try:\n"
    "    la t0, agent_recover\n"
    "    la t1, 9f\n"
    "    sd t1, 0(t0)\n"
    "    sd ra, 8(t0)\n"
    "    sd sp, 16(t0)\n"
    "    li t2, 1\n"
    "    beq a0, t2, 1f\n"
    "    li t2, 2\n"
    "    beq a0, t2, 2f\n"
    "    jalr a1\n"
    "    li a0, 0\n"
    "    j 8f\n"
    "1:  ld t2, 0(a1)\n"
    "    sd t2, 0(a2)\n"
    "    li a0, 0\n"
    "    j 8f\n"
    "2:  ld t2, 0(a2)\n"
    "    sd t2, 0(a1)\n"
    "    li a0, 0\n"
    "8:  la t0, agent_recover\n"
    "    ld ra, 8(t0)\n"
    "    ret\n"
    "9:  la t0, agent_recover\n"
    "    ld ra, 8(t0)\n"
    "    ld sp, 16(t0)\n"
    "    ret\n"
    "    .balign 16\n"
    "agent_recover: .dword 0, 0, 0\n"
    "    .globl agent_ticks\n"
    "agent_ticks: .dword 0, 0\n"
    "    .balign 16\n"
    "    .space 4096\n"
    "agent_stack_end:\n"
    "    .text\n");

extern char agent_trap[];
extern volatile uint64_t agent_ticks;
uint64_t agent_try(uint64_t op, uint64_t address, uint64_t *value);

static void call(struct command *command)
{
    register uint64_t a0 __asm__("a0") = command->a[2];
    register uint64_t a1 __asm__("a1") = command->a[3];
    register uint64_t a2 __asm__("a2") = command->a[4];
    register uint64_t a3 __asm__("a3") = command->a[5];
    register uint64_t a6 __asm__("a6") = command->a[1];
    register uint64_t a7 __asm__("a7") = command->a[0];
    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a6), "r"(a7) : "memory");
    command->result = a0;
    command->value = a1;
}

static void stop(uint64_t why)
{
    register uint64_t a0 __asm__("a0") = why;
    register uint64_t a6 __asm__("a6") = 3004;
    register uint64_t a7 __asm__("a7") = 0x08424b45;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a6), "r"(a7) : "a1", "memory");
}

static uint64_t sum_floats(void)
{
    uint64_t sum = 0, value;
    __asm__ volatile("csrs sstatus, %0" : : "r"(3ul << 13));
#define TAKE(n) __asm__ volatile("fmv.x.d %0, f" #n : "=r"(value)); sum |= value;
    TAKE(0) TAKE(1) TAKE(2) TAKE(3) TAKE(4) TAKE(5) TAKE(6) TAKE(7) TAKE(8) TAKE(9) TAKE(10) TAKE(11) TAKE(12) TAKE(13) TAKE(14) TAKE(15)
    TAKE(16) TAKE(17) TAKE(18) TAKE(19) TAKE(20) TAKE(21) TAKE(22) TAKE(23) TAKE(24) TAKE(25) TAKE(26) TAKE(27) TAKE(28) TAKE(29) TAKE(30) TAKE(31)
#undef TAKE
    __asm__ volatile("frcsr %0" : "=r"(value));
    return sum | value;
}

static void fill_floats(uint64_t value)
{
    __asm__ volatile("csrs sstatus, %0" : : "r"(3ul << 13));
#define PUT(n) __asm__ volatile("fmv.d.x f" #n ", %0" : : "r"(value));
    PUT(0) PUT(1) PUT(2) PUT(3) PUT(4) PUT(5) PUT(6) PUT(7) PUT(8) PUT(9) PUT(10) PUT(11) PUT(12) PUT(13) PUT(14) PUT(15)
    PUT(16) PUT(17) PUT(18) PUT(19) PUT(20) PUT(21) PUT(22) PUT(23) PUT(24) PUT(25) PUT(26) PUT(27) PUT(28) PUT(29) PUT(30) PUT(31)
#undef PUT
}

#define READ(name) __asm__ volatile("csrr %0, " #name : "=r"(value))

// What supervisor mode can read that may be another's: how many of them are this value.
static uint64_t count_csrs(uint64_t wanted)
{
    uint64_t count = 0, value;
    READ(sscratch); count += value == wanted;
    READ(scause); count += value == wanted;
    READ(stval); count += value == wanted;
    READ(sepc); count += value == wanted;
    READ(satp); count += value == wanted;
    return count;
}

static uint64_t count_hypervisor_csrs(uint64_t wanted)
{
    uint64_t count = 0, value;
    READ(0x205); count += value == wanted;
    READ(0x240); count += value == wanted;
    READ(0x241); count += value == wanted;
    READ(0x242); count += value == wanted;
    READ(0x243); count += value == wanted;
    READ(0x602); count += value == wanted;
    READ(0x643); count += value == wanted;
    return count;
}

void agent_main(uint64_t *entry)
{
    struct command *command = (struct command *)entry[6];
    uint64_t clean = count_csrs(0);
    uint64_t status;
    __asm__ volatile("csrr %0, sstatus" : "=r"(status));
    __asm__ volatile("csrw stvec, %0" : : "r"(agent_trap));
    for (int i = 0; i < 8; i++)
        command->entry[i] = entry[i];
    command->result = clean;
    command->value = status;
    for (;;) {
        stop(1);
        command->cause = 0;
        command->ticks = agent_ticks;
        switch (command->op) {
        case OP_CALL:
            call(command);
            break;
        case OP_READ: case OP_WRITE: case OP_FETCH:
            command->cause = agent_try(command->op, command->a[0], &command->a[1]);
            break;
        case OP_SPIN:
            // Without an end: interrupts are off, and the timer isn't asked for.
            __asm__ volatile("csrw sie, zero");
            for (;;)
                ++*(volatile uint64_t *)&command->value;
        case OP_WALK:
            // With a page table of the enclave's own.
            __asm__ volatile("csrw satp, %0\n\tsfence.vma" : : "r"(command->a[0]) : "memory");
            command->cause = agent_try(OP_READ, command->a[2], &command->a[1]);
            __asm__ volatile("csrw satp, zero\n\tsfence.vma" : : : "memory");
            break;
        case OP_FILL_FLOATS:
            fill_floats(command->a[0]);
            break;
        case OP_SUM_FLOATS:
            command->value = sum_floats();
            break;
        case OP_FILL_VECTORS:
            fill_vectors(command->a[0]);
            break;
        case OP_SUM_VECTORS:
            command->value = sum_vectors();
            break;
        case OP_CSR:
            command->value = command->a[1] ? count_hypervisor_csrs(command->a[0]) : count_csrs(command->a[0]);
            break;
        case OP_COPY:
            for (uint64_t i = 0; i < command->a[2]; i++)
                ((char *)command->a[0])[i] = ((char *)command->a[1])[i];
            break;
        case OP_DEADLINE: {
            // The enclave's own timer: legacy set_timer, then wait for the interrupt with a bound.
            uint64_t now, limit;
            __asm__ volatile("csrr %0, time" : "=r"(now));
            command->a[0] = 0, command->a[2] = now + command->a[1];
            call(command);
            __asm__ volatile("csrs sie, %0\n\tcsrsi sstatus, 2" : : "r"(0x20ul));
            limit = now + 10000000;
            do
                __asm__ volatile("csrr %0, time" : "=r"(now));
            while (agent_ticks == command->ticks && now < limit);
            __asm__ volatile("csrci sstatus, 2");
            command->ticks = agent_ticks;
            break;
        }
        case OP_BREAK_TRAPS: {
            // A fault whose handler faults, for ever.
            __asm__ volatile("csrw stvec, zero\n\tld zero, 0(zero)");
            break;
        }
        }
    }
}
