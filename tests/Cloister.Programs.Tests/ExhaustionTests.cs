using System;

namespace Cloister.Programs.Tests;

/// <summary>
/// A program that makes the kernel keep as much as it can (tests/syscalls/exhaustion.c): it gets an error, the kernel and another
/// user's program go on, and what the program had is there for the next one. Natively, root would get all of the machine's memory.
/// </summary>
public sealed class ExhaustionTests
{
    [Fact]
    public void Each_kind_ends_with_an_error_to_its_program()
    {
        string program = SyscallProgramTests.Compile("exhaustion");
        ProgramResult inside = CloisterCommand.Do(["-m", "96M"], [program]);
        Assert.True(inside.Status == 0, inside.Output + inside.Error);
        string[] expected =
        [
            "pipes: ENFILE", "streams: ENFILE", "packets: ENFILE", "passed: ENFILE", "watches: ENOSPC",
            "timers: EAGAIN", "signals: EAGAIN", "links: ENOSPC", "mappings: ENOMEM", "zeros: ENOMEM", "terminals: ENOSPC", "connections: ENOMEM",
        ];
        Assert.Equal(string.Join('\n', expected) + "\nok 51 checks\n", inside.Output);
    }
}
