using System;
using System.Text;
using Cloister.Abi;

namespace Cloister.Linux.Syscalls;

/// <summary>Prints arguments and results of system calls as strace(1) does. The generated formatter calls it.</summary>
internal static class StraceText
{
    private const int LongestString = 4096;
    private const string Hexadecimal = "0123456789abcdef";

    // Calls whose result is an address: mmap, brk, mremap, shmat.
    private static bool ReturnsAddress(int number) => number is 9 or 12 or 25 or 30;

    public static void WriteDescriptor(StringBuilder into, int descriptor)
    {
        if (descriptor == Fd.AtFdCwd)
            into.Append("AT_FDCWD");
        else
            into.Append(descriptor);
    }

    public static void WriteMode(StringBuilder into, uint mode)
    {
        if (mode == 0)
        {
            into.Append("000");
            return;
        }

        // Three digits at least, and a leading zero as in C.
        into.Append('0');
        int digits = 3;
        while (digits < 11 && mode >> (digits * 3) != 0)
            digits++;
        for (int i = digits - 1; i >= 0; i--)
            into.Append((char)('0' + (mode >> (i * 3) & 7)));
    }

    public static void WriteAddress(StringBuilder into, ulong address)
    {
        if (address == 0)
            into.Append("NULL");
        else
            WriteHexadecimal(into, address);
    }

    public static void WriteHexadecimal(StringBuilder into, ulong value)
    {
        into.Append("0x");
        int shift = 60;
        while (shift > 0 && value >> shift == 0)
            shift -= 4;
        for (; shift >= 0; shift -= 4)
            into.Append(Hexadecimal[(int)(value >> shift & 0xF)]);
    }

    public static void WriteString(StringBuilder into, IStraceReader memory, ulong address)
    {
        if (address == 0)
        {
            into.Append("NULL");
            return;
        }

        Span<byte> bytes = stackalloc byte[LongestString];
        int length = memory.ReadString(address, bytes);
        if ((uint)length > (uint)bytes.Length)
        {
            WriteHexadecimal(into, address);
            return;
        }

        into.Append('"');
        for (int i = 0; i < length; i++)
            WriteByte(into, bytes[i], i + 1 < length ? bytes[i + 1] : (byte)0);
        into.Append('"');
        if (length == bytes.Length)
            into.Append("...");
    }

    public static void WriteSignal(StringBuilder into, int signal)
    {
        string? name = NameOfSignal(signal);
        if (name is not null)
            into.Append(name);
        else if (signal is >= 32 and <= 64)
            into.Append("SIGRT_").Append(signal - 32);
        else
            into.Append(signal);
    }

    public static void WriteUnknownValue(StringBuilder into, ulong value)
    {
        if (value < 10)
            into.Append(value);
        else
            WriteHexadecimal(into, value);
        into.Append(" /* ??? */");
    }

    public static void WriteFlag(StringBuilder into, int start, ref ulong value, ulong flag, string name)
    {
        if ((value & flag) != flag)
            return;
        value &= ~flag;
        if (into.Length != start)
            into.Append('|');
        into.Append(name);
    }

    public static void WriteRest(StringBuilder into, int start, ulong value, string zero)
    {
        if (value != 0)
        {
            if (into.Length != start)
                into.Append('|');
            WriteHexadecimal(into, value);
        }
        else if (into.Length == start)
        {
            into.Append(zero);
        }
    }

    public static void WriteUnknownCall(StringBuilder into, int number, in SyscallArguments a)
    {
        into.Append("syscall_");
        WriteHexadecimal(into, (uint)number);
        WriteRegisters(into, a);
    }

    public static void WriteUnknownCall(StringBuilder into, string name, in SyscallArguments a)
    {
        into.Append(name);
        WriteRegisters(into, a);
    }

    public static void WriteResult(StringBuilder into, int number, long result)
    {
        into.Append(" = ");
        if (result is < 0 and >= -4095)
        {
            var error = (Errno)(int)-result;
            string? name = ErrnoText.NameOf(error);
            // The codes from 512 up never reach the program: the call is restarted or becomes EINTR.
            into.Append(error >= Errno.ERESTARTSYS ? "? " : "-1 ");
            if (name is null)
                into.Append(-result);
            else
                into.Append(name).Append(" (").Append(ErrnoText.DescriptionOf(error)).Append(')');
        }
        else if (ReturnsAddress(number))
        {
            WriteAddress(into, unchecked((ulong)result));
        }
        else
        {
            into.Append(result);
        }
    }

    private static void WriteRegisters(StringBuilder into, in SyscallArguments a)
    {
        into.Append('(');
        WriteHexadecimal(into, a.A0);
        into.Append(", ");
        WriteHexadecimal(into, a.A1);
        into.Append(", ");
        WriteHexadecimal(into, a.A2);
        into.Append(", ");
        WriteHexadecimal(into, a.A3);
        into.Append(", ");
        WriteHexadecimal(into, a.A4);
        into.Append(", ");
        WriteHexadecimal(into, a.A5);
        into.Append(')');
    }

    private static void WriteByte(StringBuilder into, byte value, byte next)
    {
        switch (value)
        {
            case (byte)'"':
                into.Append("\\\"");
                break;
            case (byte)'\\':
                into.Append("\\\\");
                break;
            case (byte)'\n':
                into.Append("\\n");
                break;
            case (byte)'\t':
                into.Append("\\t");
                break;
            case (byte)'\r':
                into.Append("\\r");
                break;
            case (byte)'\v':
                into.Append("\\v");
                break;
            case (byte)'\f':
                into.Append("\\f");
                break;
            case >= 0x20 and < 0x7F:
                into.Append((char)value);
                break;
            default:
                into.Append('\\');
                // All three digits only where the next character would be taken for one of them.
                bool padded = next is >= (byte)'0' and <= (byte)'7';
                if (padded || value >= 0x40)
                    into.Append((char)('0' + (value >> 6)));
                if (padded || value >= 8)
                    into.Append((char)('0' + (value >> 3 & 7)));
                into.Append((char)('0' + (value & 7)));
                break;
        }
    }

    private static string? NameOfSignal(int signal) => signal switch
    {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        10 => "SIGUSR1",
        11 => "SIGSEGV",
        12 => "SIGUSR2",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        16 => "SIGSTKFLT",
        17 => "SIGCHLD",
        18 => "SIGCONT",
        19 => "SIGSTOP",
        20 => "SIGTSTP",
        21 => "SIGTTIN",
        22 => "SIGTTOU",
        23 => "SIGURG",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        26 => "SIGVTALRM",
        27 => "SIGPROF",
        28 => "SIGWINCH",
        29 => "SIGIO",
        30 => "SIGPWR",
        31 => "SIGSYS",
        _ => null,
    };
}
