#include "kernel.h"

volatile uint64_t interrupts;
uint64_t memory_end, hart_count, self, other;
static int failures;

result sbi(uint64_t extension, uint64_t function, uint64_t x0, uint64_t x1, uint64_t x2)
{
    register uint64_t a0 __asm__("a0") = x0;
    register uint64_t a1 __asm__("a1") = x1;
    register uint64_t a2 __asm__("a2") = x2;
    register uint64_t a6 __asm__("a6") = function;
    register uint64_t a7 __asm__("a7") = extension;
    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
    return (result){ (long)a0, a1 };
}

void limit(uint64_t ticks)
{
    uint64_t now;
    __asm__ volatile("csrr %0, time" : "=r"(now));
    sbi(0x54494d45, 0, now + ticks, 0, 0);
}

void no_limit(void)
{
    sbi(0x54494d45, 0, ~0ul, 0, 0);
}

void *memset(void *to, int value, size_t count)
{
    for (char *place = to; count-- > 0;)
        *place++ = (char)value;
    return to;
}

void *memcpy(void *to, const void *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ((char *)to)[i] = ((const char *)from)[i];
    return to;
}

int memcmp(const void *a, const void *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (((const unsigned char *)a)[i] != ((const unsigned char *)b)[i])
            return ((const unsigned char *)a)[i] - ((const unsigned char *)b)[i];
    return 0;
}

void print(const char *text)
{
    size_t count = 0;
    while (text[count])
        count++;
    // The stock monitor has no debug console: there the serial port is written to, as Linux does it too.
    if (sbi(0x4442434e, 0, count, (uint64_t)text, 0).error == 0)
        return;
    for (; *text; text++)
        *(volatile char *)0x10000000 = *text;
}

void print_number(uint64_t value)
{
    char text[21], *place = text + 20;
    *place = 0;
    do
        *--place = '0' + value % 10;
    while (value /= 10);
    print(place);
}

void print_bytes(const char *name, const void *bytes, size_t count)
{
    print("data ");
    print(name);
    print(" ");
    for (size_t i = 0; i < count; i++) {
        unsigned char byte = ((const unsigned char *)bytes)[i];
        char text[3] = { "0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15], 0 };
        print(text);
    }
    print("\n");
}

void check(const char *name, int holds)
{
    failures += !holds;
    print(holds ? "ok     " : "FAILED ");
    print(name);
    print("\n");
}

void check_equal(const char *name, uint64_t value, uint64_t wanted)
{
    failures += value != wanted;
    print(value == wanted ? "ok     " : "FAILED ");
    print(name);
    if (value != wanted) {
        print(": ");
        print_number(value);
        print(", not ");
        print_number(wanted);
    }
    print("\n");
}

void arguments_of(struct create_arguments *arguments, uint64_t epm, uint64_t size, uint64_t utm, uint64_t utm_size)
{
    uint64_t image = (uint64_t)(agent_end - agent_start);
    *arguments = (struct create_arguments){ epm, size, utm, utm_size, epm + image, epm + image + PAGE, epm + image + 2 * PAGE, 0 };
}

result create_at(struct enclave *enclave, uint64_t epm, uint64_t size, uint64_t utm, uint64_t utm_size)
{
    struct create_arguments arguments;
    arguments_of(&arguments, epm, size, utm, utm_size);
    memset((void *)epm, 0, size);
    memcpy((void *)epm, agent_start, (size_t)(agent_end - agent_start));
    memset((void *)utm, 0xee, utm_size);
    result made = monitor(CREATE, (uint64_t)&arguments);
    *enclave = (struct enclave){ made.value, epm, size, utm, (struct command *)utm };
    return made;
}

static result finish(struct enclave *enclave, result got)
{
    while (got.error == INTERRUPTED)
        got = monitor(RESUME, enclave->id);
    return got;
}

result begin(struct enclave *enclave)
{
    return finish(enclave, monitor(RUN, enclave->id));
}

result perform(struct enclave *enclave, uint64_t op, uint64_t a0, uint64_t a1, uint64_t a2)
{
    enclave->command->op = op;
    enclave->command->a[0] = a0;
    enclave->command->a[1] = a1;
    enclave->command->a[2] = a2;
    return finish(enclave, monitor(RESUME, enclave->id));
}

result agent_call(struct enclave *enclave, uint64_t extension, uint64_t function, uint64_t a0, uint64_t a1, uint64_t a2)
{
    struct command *command = enclave->command;
    command->op = OP_CALL;
    command->a[0] = extension, command->a[1] = function, command->a[2] = a0, command->a[3] = a1, command->a[4] = a2;
    result got = finish(enclave, monitor(RESUME, enclave->id));
    return got.error == EDGE_CALL ? (result){ (long)command->result, command->value } : got;
}

// The tree's words, as far as these tests want them: every "reg" is looked for by its node.
static uint32_t word(const char *place)
{
    const unsigned char *bytes = (const unsigned char *)place;
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void read_tree(const char *tree)
{
    const char *names = tree + word(tree + 12), *token = tree + word(tree + 8);
    int depth = 0, is_memory = 0, is_hart = 0;
    for (;;) {
        uint32_t kind = word(token);
        token += 4;
        if (kind == 1) {
            depth++;
            is_memory = depth == 2 && !memcmp(token, "memory@", 7);
            is_hart = depth == 3 && !memcmp(token, "cpu@", 4);
            size_t length = 0;
            while (token[length])
                length++;
            token += (length + 4) & ~3ul;
        } else if (kind == 2) {
            depth--;
            is_memory = is_hart = 0;
        } else if (kind == 3) {
            uint32_t length = word(token);
            if (!memcmp(names + word(token + 4), "reg", 4)) {
                if (is_memory)
                    memory_end = ((uint64_t)word(token + 8) << 32 | word(token + 12)) + ((uint64_t)word(token + 16) << 32 | word(token + 20));
                hart_count += is_hart;
            }
            token += 8 + ((length + 3) & ~3u);
        } else if (kind != 4)
            return;
    }
}

// Words of the command line: "fuzz=N".
static uint64_t option(const char *tree, const char *name, size_t length)
{
    uint32_t size = word(tree + 4);
    for (uint32_t i = 0; i + length < size; i++) {
        if (memcmp(tree + i, name, length))
            continue;
        uint64_t value = 0;
        for (const char *digit = tree + i + length; *digit >= '0' && *digit <= '9'; digit++)
            value = value * 10 + (uint64_t)(*digit - '0');
        return value;
    }
    return 0;
}

void kernel_main(uint64_t hart, const char *tree)
{
    read_tree(tree);
    self = hart;
    other = hart == 0 ? 1 : 0;
    print("harts ");
    print_number(hart_count);
    print("\n");
    if (option(tree, "bench=", 6))
        bench();
    else {
        firmware_tests();
        life_cycle_tests();
        attack_tests();
        attestation_tests();
        hart_tests();
        fuzz_tests(option(tree, "fuzz=", 5));
    }
    print("failures ");
    print_number((uint64_t)failures);
    print("\nend\n");
    sbi(0x53525354, 0, 0, 0, 0);
    check("the machine is off", 0);
}
