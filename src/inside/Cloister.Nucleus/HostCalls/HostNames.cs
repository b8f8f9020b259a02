using System;
using Cloister.Hal.HostProtocol;

namespace Cloister.Nucleus.HostCalls;

/// <summary>What a name of a directory entry may be, in both directions. Linux asks no more: names need not be UTF-8.</summary>
internal static class HostNames
{
    /// <summary>Whether this is one component: 1 to 255 bytes without '/' and NUL, not "." or "..".</summary>
    public static bool IsComponent(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > DirectoryRecord.LongestName || name.ContainsAny((byte)'/', (byte)0))
            return false;
        return !(name[0] == '.' && (name.Length == 1 || (name.Length == 2 && name[1] == '.')));
    }
}
