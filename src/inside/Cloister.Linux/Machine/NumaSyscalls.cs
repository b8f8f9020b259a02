using System;
using Cloister.Abi;
using Cloister.Linux.Syscalls;

namespace Cloister.Linux.Machine;

/// <summary>Memory policies of a machine with one memory node (numa(7)): the default is all there is.</summary>
internal static class NumaSyscalls
{
    private const int Default = 0;
    private const int Preferred = 1;
    private const int Local = 4;
    private const int LastPolicy = 5;
    private const uint NodeFlag = 1;
    private const uint AddressFlag = 2;
    private const uint AllowedFlag = 4;

    // MPOL_F_STATIC_NODES, MPOL_F_RELATIVE_NODES and MPOL_F_NUMA_BALANCING.
    private const int StaticNodes = 1 << 15;
    private const int RelativeNodes = 1 << 14;
    private const int Balancing = 1 << 13;
    private const int ModeFlags = StaticNodes | RelativeNodes | Balancing;
    private const uint KnownBindFlags = 7;
    private const ulong PageSize = 4096;

    [Syscall(239, "get_mempolicy", Note = "One memory node.")]
    public static SyscallResult GetPolicy(LinuxThread thread, UserAddress mode, UserAddress nodes, ulong maximum, UserAddress address, uint flags)
    {
        if ((flags & ~(NodeFlag | AddressFlag | AllowedFlag)) != 0 || (!nodes.IsNull && maximum < 1))
            return Errno.EINVAL;
        MemoryPolicy policy = thread.Scheduling.MemoryPolicy;
        ulong shown = policy.Nodes;
        int value = policy.Mode;
        if ((flags & AllowedFlag) != 0)
        {
            if ((flags & (NodeFlag | AddressFlag)) != 0)
                return Errno.EINVAL;
            value = 0;
            shown = 1;
        }
        else if ((flags & AddressFlag) != 0)
        {
            Errno error = thread.Process.AddressSpace.GetPolicy(address.Value, out MemoryPolicy? own);
            if (error != Errno.Success)
                return error;
            shown = own?.Nodes ?? 0;
            value = own?.Mode ?? 0;

            // The node that the page is on: it is brought in for that.
            if ((flags & NodeFlag) != 0)
            {
                if (!thread.Memory.TryRead(address, out byte _))
                    return Errno.EFAULT;
                value = 0;
            }
        }
        else
        {
            if (!address.IsNull || ((flags & NodeFlag) != 0 && policy.Mode != MemoryPolicy.Interleave))
                return Errno.EINVAL;
            if ((flags & NodeFlag) != 0)
                value = 0; // the node that is next
        }

        if (!mode.IsNull && !thread.Memory.TryWrite(mode, value))
            return Errno.EFAULT;
        if (nodes.IsNull)
            return 0;
        Span<byte> mask = stackalloc byte[(int)Math.Min((maximum + 62) / 64 * 8, 128)];
        mask.Clear();
        if (mask.Length > 0)
            mask[0] = (byte)shown;
        return thread.Memory.CopyOut(nodes, mask);
    }

    [Syscall(238, "set_mempolicy", Note = "Kept, shown and inherited: one memory node.")]
    public static SyscallResult SetPolicy(LinuxThread thread, int mode, UserAddress nodes, ulong maximum)
    {
        Errno error = ReadPolicy(thread, mode, nodes, maximum, out MemoryPolicy policy);
        if (error == Errno.Success)
            thread.Scheduling.MemoryPolicy = policy;
        return error;
    }

    [Syscall(237, "mbind", Note = "Kept and shown: one memory node.")]
    public static SyscallResult Bind(LinuxThread thread, UserAddress address, ulong length, int mode, UserAddress nodes, ulong maximum, uint flags)
    {
        const uint moveAll = 4;
        if ((flags & ~KnownBindFlags) != 0)
            return Errno.EINVAL;
        if ((flags & moveAll) != 0 && !thread.Identity.Has(Identity.Capability.SysNice))
            return Errno.EPERM;
        Errno error = ReadPolicy(thread, mode, nodes, maximum, out MemoryPolicy policy);
        if (error != Errno.Success)
            return error;
        ulong rounded = (length + PageSize - 1) & ~(PageSize - 1);
        if ((address.Value & (PageSize - 1)) != 0 || address.Value + rounded < address.Value)
            return Errno.EINVAL;
        if (rounded == 0)
            return 0;
        return thread.Process.AddressSpace.SetPolicy(address.Value, rounded, policy == MemoryPolicy.Default ? null : policy);
    }

    /// <summary>Reads and checks a policy (get_nodes, sanitize_mpol_flags and mpol_new of Linux).</summary>
    private static Errno ReadPolicy(LinuxThread thread, int mode, UserAddress nodes, ulong maximum, out MemoryPolicy policy)
    {
        policy = MemoryPolicy.Default;
        int kind = mode & ~ModeFlags;
        bool hasBadFlags = (mode & (StaticNodes | RelativeNodes)) == (StaticNodes | RelativeNodes) ||
            ((mode & Balancing) != 0 && kind != MemoryPolicy.Bind);
        if (kind is < 0 or > LastPolicy || hasBadFlags)
            return Errno.EINVAL;
        ulong mask = 0;
        if (!nodes.IsNull && maximum != 1)
        {
            // get_nodes of Linux counts one down first: 0 is the largest number then.
            if (maximum - 1 >= PageSize * 8)
                return Errno.EINVAL;
            Span<byte> bytes = stackalloc byte[(int)((maximum - 1 + 63) / 64 * 8)];
            if (thread.Memory.CopyIn(nodes, bytes) != Errno.Success)
                return Errno.EFAULT;
            int rest = (int)((maximum - 1) % 64);
            mask = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            if (bytes.Length == 8 && rest != 0)
                mask &= (1UL << rest) - 1;
            if (bytes[8..].ContainsAnyExcept((byte)0) || (mask & ~1UL) != 0)
                return Errno.EINVAL; // nodes that don't exist
        }

        bool takesNodes = kind is not (Default or Local);
        bool needsNodes = takesNodes && kind != Preferred;
        if ((!takesNodes && mask != 0) || (needsNodes && mask == 0) || (!takesNodes && (mode & ModeFlags) != 0))
            return Errno.EINVAL;
        policy = new MemoryPolicy(kind == Preferred && mask == 0 ? Local : mode, mask);
        return Errno.Success;
    }

    [Syscall(330, "pkey_alloc", SyscallSupport.None, Note = "No protection keys: ENOSPC, as on a processor without them.")]
    public static SyscallResult AllocateKey(LinuxThread thread, uint flags, ulong rights) => Errno.ENOSPC;

    [Syscall(331, "pkey_free", SyscallSupport.None, Note = "No protection keys: EINVAL.")]
    public static SyscallResult FreeKey(LinuxThread thread, int key) => Errno.EINVAL;
}

/// <summary>What set_mempolicy(2) was given: mode with its flags, and the nodes.</summary>
internal readonly record struct MemoryPolicy(int Mode, ulong Nodes)
{
    /// <summary>MPOL_BIND.</summary>
    public const int Bind = 2;

    /// <summary>MPOL_INTERLEAVE.</summary>
    public const int Interleave = 3;

    /// <summary>MPOL_DEFAULT.</summary>
    public static MemoryPolicy Default => new(0, 0);
}
