// What host and enclaves must not reach, and what neither leaves to the other.
#include "kernel.h"
#include "vectors.h"

static void memory_tests(struct enclave *one, struct enclave *two)
{
    uint64_t value;
    check_equal("host reads an enclave", try_read(one->epm, &value), 5);
    check_equal("host reads an enclave's end", try_read(one->epm + one->size - 8, &value), 5);
    check_equal("host writes an enclave", try_write(one->epm, 0), 7);
    check_equal("host runs an enclave", try_fetch(one->epm), 1);
    // A store's fault is what it should be (privileged architecture, table 3.6); QEMU 7.2 finds that the load isn't allowed first.
    check("host exchanges a word of an enclave", try_exchange(one->epm, 0) >= 5);
    check("host exchanges a word of the monitor", try_exchange(MONITOR, 0) >= 5);
    check_equal("host reads before", try_read(one->epm - 8, &value), 0);
    check_equal("host reads behind", try_read(two->epm + two->size, &value), 0);
    check_equal("host prints an enclave", (uint64_t)sbi(0x4442434e, 0, 64, one->epm, 0).error, (uint64_t)-3);
    check_equal("host starts a hart in an enclave", (uint64_t)sbi(0x48534d, 0, 0, one->epm, 0).error, (uint64_t)-5);
    check_equal("host's arguments in an enclave", (uint64_t)monitor(CREATE, one->epm).error, NOT_ACCESSIBLE);

    uint64_t targets[] = {
        two->epm, two->utm, MONITOR, MONITOR + 0x1ffff8, 0x80200000, one->epm - 8, 0x10000000, 0x2000000, 0x100000, 0xc000000, memory_end - 8
    };
    uint64_t wrong = 0;
    for (unsigned i = 0; i < sizeof targets / sizeof *targets; i++) {
        perform(one, OP_READ, targets[i], 0, 0);
        wrong += one->command->cause != 5;
        perform(one, OP_WRITE, targets[i], 0, 0);
        wrong += one->command->cause != 7;
        perform(one, OP_FETCH, targets[i], 0, 0);
        wrong += one->command->cause != 1;
    }
    check_equal("an enclave reaches nothing of others", wrong, 0);
    perform(one, OP_FETCH, one->utm, 0, 0);
    check_equal("an enclave runs nothing that the host writes", one->command->cause, 1);
    perform(one, OP_WRITE, one->epm + one->size - 8, 0x1234, 0);
    perform(one, OP_READ, one->epm + one->size - 8, 0, 0);
    check_equal("an enclave keeps its memory", one->command->a[1], 0x1234);
}

enum { LEAF = 0xcf, NEXT = 1 };
#define SV39 (8ul << 60)

// A root of Sv39 that maps the lower 3 GiB to themselves, RAM once more at 16 GiB, and has a table that isn't its owner's at 4 GiB.
static void make_root(uint64_t *root, uint64_t table)
{
    memset(root, 0, PAGE);
    for (uint64_t i = 0; i < 3; i++)
        root[i] = i << 28 | LEAF;
    root[16] = 2ul << 28 | LEAF;
    root[4] = table >> 12 << 10 | NEXT;
}

static uint64_t read_by(uint64_t *root, uint64_t address)
{
    uint64_t value;
    __asm__ volatile("csrw satp, %0\n\tsfence.vma" : : "r"(SV39 | (uint64_t)root >> 12) : "memory");
    uint64_t cause = try_read(address, &value);
    __asm__ volatile("csrw satp, zero\n\tsfence.vma" : : : "memory");
    return cause;
}

// Page tables say where memory is, and lie in memory themselves: both are protected.
static void translation_tests(struct enclave *one, struct enclave *two)
{
    static uint64_t root[512] __attribute__((aligned(4096)));
    make_root(root, one->epm);
    check_equal("host maps its own memory", read_by(root, (16ul << 30) + ((uint64_t)root & 0x3fffffff)), 0);
    check_equal("host maps an enclave's memory", read_by(root, (16ul << 30) + (one->epm & 0x3fffffff)), 5);
    check_equal("host maps the monitor's memory", read_by(root, 16ul << 30), 5);
    check_equal("host has a page table in an enclave", read_by(root, 4ul << 30), 5);
    make_root(root, MONITOR);
    check_equal("host has a page table in the monitor", read_by(root, 4ul << 30), 5);

    uint64_t tables[] = { MONITOR, 0x80200000, two->epm }, own = one->epm + one->size - 2 * PAGE, wrong = 0;
    for (unsigned i = 0; i < sizeof tables / sizeof *tables; i++) {
        make_root((uint64_t *)(one->utm + PAGE), tables[i]);
        perform(one, OP_COPY, own, one->utm + PAGE, PAGE);
        perform(one, OP_WALK, SV39 | own >> 12, 0, 4ul << 30);
        wrong += one->command->cause != 5;
        perform(one, OP_WALK, SV39 | own >> 12, 0, (16ul << 30) + (tables[i] & 0x3fffffff));
        wrong += one->command->cause != 5;
        perform(one, OP_WALK, SV39 | own >> 12, 0, (16ul << 30) + (own & 0x3fffffff));
        wrong += one->command->cause != 0;
    }
    check_equal("an enclave maps nothing of others", wrong, 0);
}

static void fill_floats(uint64_t value)
{
    __asm__ volatile("fmv.d.x fs0, %0\n\tfmv.d.x ft3, %0\n\tfmv.d.x fa7, %0" : : "r"(value));
}

static uint64_t sum_floats(void)
{
    uint64_t a, b, c;
    __asm__ volatile("fmv.x.d %0, fs0\n\tfmv.x.d %1, ft3\n\tfmv.x.d %2, fa7" : "=r"(a), "=r"(b), "=r"(c));
    return a | b | c;
}

static void register_tests(struct enclave *one, struct enclave *two)
{
    fill_floats(0x1111);
    perform(one, OP_SUM_FLOATS, 0, 0, 0);
    check_equal("an enclave sees no floats of the host", one->command->value, 0);
    perform(one, OP_FILL_FLOATS, 0x2222, 0, 0);
    check_equal("the host sees no floats of an enclave", sum_floats(), 0x1111);
    perform(two, OP_SUM_FLOATS, 0, 0, 0);
    check_equal("an enclave sees no floats of another", two->command->value, 0);
    perform(one, OP_SUM_FLOATS, 0, 0, 0);
    check_equal("an enclave keeps its floats", one->command->value, 0x2222);

    uint64_t scratch = 0x3333;
    __asm__ volatile("csrw sscratch, %0\n\tcsrw scause, %0\n\tcsrw sepc, %0" : : "r"(scratch));
    perform(one, OP_CSR, 0x3333, 0, 0);
    check_equal("an enclave sees no registers of the host", one->command->value, 0);
    __asm__ volatile("csrr %0, sscratch" : "=r"(scratch));
    check_equal("the host keeps its registers", scratch, 0x3333);
    if (try_hypervisor())
        return;
    __asm__ volatile("csrw 0x240, %0\n\tcsrw 0x242, %0\n\tcsrw 0x643, %0" : : "r"(scratch));
    perform(one, OP_CSR, 0x3333, 1, 0);
    check_equal("nor those of a virtual machine", one->command->value, 0);
    __asm__ volatile("csrr %0, 0x240" : "=r"(scratch));
    check_equal("the host keeps those too", scratch, 0x3333);
}

static void vector_tests(struct enclave *one, struct enclave *two)
{
    if (try_vectors(3 << 9))
        return;
    fill_vectors(0x4440);
    uint64_t length, kind, length_after, kind_after;
    __asm__ volatile("csrr %0, 0xc20\n\tcsrr %1, 0xc21" : "=r"(length), "=r"(kind));
    perform(one, OP_SUM_VECTORS, 0, 0, 0);
    check_equal("an enclave sees no vectors of the host", one->command->value, 0);
    perform(one, OP_FILL_VECTORS, 0x2220, 0, 0);
    __asm__ volatile("csrr %0, 0xc20\n\tcsrr %1, 0xc21" : "=r"(length_after), "=r"(kind_after));
    check("the host keeps their length and kind", length == length_after && kind == kind_after);
    check_equal("the host sees no vectors of an enclave", sum_vectors(), 0x4441);
    perform(two, OP_SUM_VECTORS, 0, 0, 0);
    check_equal("an enclave sees no vectors of another", two->command->value, 0);
    perform(one, OP_SUM_VECTORS, 0, 0, 0);
    check_equal("an enclave keeps its vectors", one->command->value, 0x2221);
}

static void timer_tests(struct enclave *one)
{
    one->command->op = OP_SPIN;
    limit(50000);
    check_equal("an endless enclave gives the hart back", (uint64_t)monitor(RESUME, one->id).error, INTERRUPTED);
    uint64_t pending;
    __asm__ volatile("csrr %0, sip" : "=r"(pending));
    check_equal("the host's timer is pending", pending & 0x20, 0x20);
    check_equal("it comes back at once while the timer is pending", (uint64_t)monitor(RESUME, one->id).error, INTERRUPTED);
    no_limit();
    // On a busy machine a turn may end before the first instruction.
    uint64_t before = one->command->value, error = INTERRUPTED;
    for (int i = 0; i < 1000 && error == INTERRUPTED && one->command->value <= before; i++) {
        limit(50000);
        error = (uint64_t)monitor(RESUME, one->id).error;
    }
    check_equal("it goes on", error, INTERRUPTED);
    check("where it was", one->command->value > before);
    no_limit();
    sbi(0x735049, 0, 1, self, 0);
    check_equal("an interrupt for the host ends its turn", (uint64_t)monitor(RESUME, one->id).error, INTERRUPTED);
    __asm__ volatile("csrr %0, sip\n\tcsrci sip, 2" : "=r"(pending));
    check_equal("the host has it", pending & 2, 2);
    check_equal("an endless enclave is destroyed", (uint64_t)monitor(DESTROY, one->id).error, 0);
}

static void own_timer_tests(struct enclave *two)
{
    check_equal("an enclave's own timer", (uint64_t)perform(two, OP_DEADLINE, 0, 100000, 0).error, EDGE_CALL);
    check_equal("comes to the enclave", two->command->ticks, 1);
    // It disables all its interrupts, asks for one in the past, and the host's timer still comes.
    agent_call(two, 0, 0, 0, 0, 0);
    two->command->op = OP_BREAK_TRAPS;
    limit(50000);
    check_equal("faults without an end give the hart back", (uint64_t)monitor(RESUME, two->id).error, INTERRUPTED);
    no_limit();
    check_equal("that one is destroyed", (uint64_t)monitor(DESTROY, two->id).error, 0);
}

void attack_tests(void)
{
    struct enclave one, two;
    uint64_t epm = (uint64_t)free_start + PAGE, utm = epm + (16ul << 20);
    check_equal("create: one", (uint64_t)create_at(&one, epm, 0x21000, utm, 2 * PAGE).error, 0);
    check_equal("create: two", (uint64_t)create_at(&two, epm + 0x21000, 0x20000, utm + 2 * PAGE, PAGE).error, 0);
    check_equal("start: one", (uint64_t)begin(&one).error, EDGE_CALL);
    check_equal("start: two", (uint64_t)begin(&two).error, EDGE_CALL);
    memory_tests(&one, &two);
    translation_tests(&one, &two);
    register_tests(&one, &two);
    vector_tests(&one, &two);
    timer_tests(&one);
    own_timer_tests(&two);
}
