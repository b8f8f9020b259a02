// Reports and sealing keys: printed for the test, which verifies them; and addresses that an enclave must not name.
#include "kernel.h"

static void print_report(const char *name, struct enclave *enclave, const char *data)
{
    uint64_t room = enclave->epm + enclave->size - 0x2000;
    size_t length = 0;
    while (data[length])
        length++;
    memcpy((char *)enclave->utm + 512, data, length);
    perform(enclave, OP_COPY, room, enclave->utm + 512, length);
    check_equal("attest", (uint64_t)agent_call(enclave, KEYSTONE, ATTEST, room + 0x800, room, length).error, 0);
    perform(enclave, OP_COPY, enclave->utm + 1024, room + 0x800, 1352);
    print_bytes(name, (char *)enclave->utm + 1024, 1352);
}

static void seal(struct enclave *enclave, const char *identifier, size_t length, unsigned char *key)
{
    uint64_t room = enclave->epm + enclave->size - 0x2000;
    memcpy((char *)enclave->utm + 512, identifier, length);
    perform(enclave, OP_COPY, room, enclave->utm + 512, length);
    check_equal("seal", (uint64_t)agent_call(enclave, KEYSTONE, SEAL, room + 0x800, room, length).error, 0);
    perform(enclave, OP_COPY, enclave->utm + 1024, room + 0x800, 192);
    memcpy(key, (char *)enclave->utm + 1024, 192);
}

void attestation_tests(void)
{
    struct enclave one, other;
    unsigned char key[192], again[192], different[192];
    uint64_t epm = (uint64_t)free_start, utm = epm + (16ul << 20), value = epm;
    create_at(&one, epm, 0x20000, utm, 2 * PAGE);
    begin(&one);
    print_bytes("image", agent_start, (size_t)(agent_end - agent_start));
    print_report("report", &one, "sixteen letters!");
    print_report("empty", &one, "");
    uint64_t room = one.epm + one.size - 0x2000;
    check_equal("attest: more than 1,024 bytes", (uint64_t)agent_call(&one, KEYSTONE, ATTEST, room, room, 1025).error, ILLEGAL_ARGUMENT);
    check_equal("attest: into the monitor", (uint64_t)agent_call(&one, KEYSTONE, ATTEST, MONITOR + 0x10000, room, 8).error, NOT_ACCESSIBLE);
    check_equal("attest: data of the monitor", (uint64_t)agent_call(&one, KEYSTONE, ATTEST, room, MONITOR, 8).error, NOT_ACCESSIBLE);
    check_equal("attest: data of the host", (uint64_t)agent_call(&one, KEYSTONE, ATTEST, room, 0x80200000, 8).error, NOT_ACCESSIBLE);
    check_equal("attest: half of it outside", (uint64_t)agent_call(&one, KEYSTONE, ATTEST, one.epm + one.size - 64, room, 8).error, NOT_ACCESSIBLE);

    seal(&one, "name", 4, key);
    seal(&one, "name", 4, again);
    seal(&one, "game", 4, different);
    check("the same key again", !memcmp(key, again, 192));
    check("another key for another name", memcmp(key, different, 128) != 0);
    print_bytes("seal", key, 192);
    // The interface has physical addresses: the stock monitor reads and writes whatever an enclave names.
    check_equal("seal: into the monitor", (uint64_t)agent_call(&one, KEYSTONE, SEAL, MONITOR + 0x10000, room, 4).error, NOT_ACCESSIBLE);
    check_equal("seal: into the host", (uint64_t)agent_call(&one, KEYSTONE, SEAL, (uint64_t)&value & ~7ul, room, 4).error, NOT_ACCESSIBLE);
    check_equal("seal: half of it outside", (uint64_t)agent_call(&one, KEYSTONE, SEAL, one.epm + one.size - 128, room, 4).error, NOT_ACCESSIBLE);
    check_equal("seal: a name in the monitor", (uint64_t)agent_call(&one, KEYSTONE, SEAL, room, MONITOR, 4).error, NOT_ACCESSIBLE);
    check_equal("seal: a range that wraps", (uint64_t)agent_call(&one, KEYSTONE, SEAL, ~0ul - 8, room, 4).error, NOT_ACCESSIBLE);
    check_equal("seal: a name that wraps", (uint64_t)agent_call(&one, KEYSTONE, SEAL, room, room, ~0ul).error, ILLEGAL_ARGUMENT);
    monitor(DESTROY, one.id);

    // Elsewhere, and later: the same measurement, so the same key. One byte more of free memory isn't measured; one changed byte is.
    create_at(&one, epm + 0x100000, 0x21000, utm, 2 * PAGE);
    begin(&one);
    seal(&one, "name", 4, again);
    check("the same enclave has the same key", !memcmp(key, again, 192));
    print_report("moved", &one, "");
    monitor(DESTROY, one.id);
    agent_end[-1]++;
    create_at(&other, epm, 0x20000, utm, 2 * PAGE);
    agent_end[-1]--;
    begin(&other);
    seal(&other, "name", 4, again);
    check("one byte changes the key", memcmp(key, again, 128) != 0);
    print_report("changed", &other, "");
    monitor(DESTROY, other.id);
}
