using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Files;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Processes;

/// <summary>/proc/PID/maps, smaps and smaps_rollup (proc(5)).</summary>
internal static class ProcessMaps
{
    /// <summary>Column of the name.</summary>
    private const int NameColumn = 73;

    public static Errno Write(IProcessInformation process, ByteWriter writer)
    {
        process.WriteMemoryMap(new Lines(writer, false));
        return Errno.Success;
    }

    public static Errno WriteDetails(IProcessInformation process, ByteWriter writer)
    {
        process.WriteMemoryMap(new Lines(writer, true));
        return Errno.Success;
    }

    public static Errno WriteRollup(IProcessInformation process, ByteWriter writer)
    {
        var sum = new Sum();
        process.WriteMemoryMap(sum);
        writer.Hexadecimal(sum.Start, 8).Write('-').Hexadecimal(sum.End, 8).Write(" ---p 00000000 00:00 0"u8);
        for (int column = 48; column < NameColumn; column++)
            writer.Write(' ');
        writer.Write("[rollup]\n"u8);
        WriteSizes(writer, sum.Resident, sum.Private, sum.Anonymous);
        return Errno.Success;
    }

    private static void WriteSizes(ByteWriter writer, long resident, long privately, long anonymous)
    {
        Size(writer, "Rss:            "u8, resident);
        Size(writer, "Pss:            "u8, resident);
        Size(writer, "Shared_Clean:   "u8, resident - privately);
        Size(writer, "Shared_Dirty:   "u8, 0);
        Size(writer, "Private_Clean:  "u8, 0);
        Size(writer, "Private_Dirty:  "u8, privately);
        Size(writer, "Referenced:     "u8, resident);
        Size(writer, "Anonymous:      "u8, anonymous);
        Size(writer, "LazyFree:       "u8, 0);
        Size(writer, "AnonHugePages:  "u8, 0);
        Size(writer, "ShmemPmdMapped: "u8, 0);
        Size(writer, "FilePmdMapped:  "u8, 0);
        Size(writer, "Shared_Hugetlb: "u8, 0);
        Size(writer, "Private_Hugetlb:"u8, 0);
        Size(writer, "Swap:           "u8, 0);
        Size(writer, "SwapPss:        "u8, 0);
        Size(writer, "Locked:         "u8, 0);
    }

    private static long PrivateBytes(in MappingInformation mapping) => mapping.Inode == 0 ? mapping.ResidentBytes : 0;

    // Memory that is shared without a file is one of tmpfs for Linux.
    private static long AnonymousBytes(in MappingInformation mapping) =>
        mapping.Inode == 0 && (mapping.Access & MappingAccess.Shared) == 0 ? mapping.ResidentBytes : 0;

    private static void Size(ByteWriter writer, ReadOnlySpan<byte> label, long bytes) =>
        writer.Write(label).Padded(bytes >> 10, 8).Write(" kB\n"u8);

    private sealed class Lines(ByteWriter writer, bool withDetails) : IMemoryMapSink
    {
        public void Add(in MappingInformation mapping, ReadOnlySpan<byte> name)
        {
            int start = writer.Length;
            MappingAccess access = mapping.Access;
            writer.Hexadecimal(mapping.Start, 8).Write('-').Hexadecimal(mapping.End, 8).Write(' ');
            writer.Write((access & MappingAccess.Read) != 0 ? 'r' : '-').Write((access & MappingAccess.Write) != 0 ? 'w' : '-');
            writer.Write((access & MappingAccess.Execute) != 0 ? 'x' : '-').Write((access & MappingAccess.Shared) != 0 ? 's' : 'p').Write(' ');
            writer.Hexadecimal(mapping.Offset, 8).Write(' ');
            writer.Hexadecimal(DeviceNumbers.Major(mapping.Device), 2).Write(':').Hexadecimal(DeviceNumbers.Minor(mapping.Device), 2).Write(' ');
            writer.Number(mapping.Inode);
            writer.Write(' ');
            if (!name.IsEmpty)
            {
                while (writer.Length - start < NameColumn)
                    writer.Write(' ');
                foreach (byte value in name)
                {
                    if (value == (byte)'\n')
                        writer.Write("\\012"u8);
                    else
                        writer.Write(value);
                }
            }

            writer.Write('\n');
            if (!withDetails)
                return;
            long size = (long)(mapping.End - mapping.Start);
            Size(writer, "Size:           "u8, size);
            writer.Write("KernelPageSize:        4 kB\nMMUPageSize:           4 kB\n"u8);
            WriteSizes(writer, mapping.ResidentBytes, PrivateBytes(mapping), AnonymousBytes(mapping));
            writer.Write("THPeligible:    0\nVmFlags:"u8);
            bool isShared = (access & MappingAccess.Shared) != 0;
            MappingAccess allowed = mapping.Allowed;
            Flag((access & MappingAccess.Read) != 0, " rd"u8);
            Flag((access & MappingAccess.Write) != 0, " wr"u8);
            Flag((access & MappingAccess.Execute) != 0, " ex"u8);

            // Without the right to write nobody sees a difference to a private mapping: such a one isn't VM_SHARED.
            Flag(isShared && (allowed & MappingAccess.Write) != 0, " sh"u8);
            Flag((allowed & MappingAccess.Read) != 0, " mr"u8);
            Flag((allowed & MappingAccess.Write) != 0, " mw"u8);
            Flag((allowed & MappingAccess.Execute) != 0, " me"u8);
            Flag(isShared, " ms"u8);
            writer.Write(" \n"u8);
        }

        private void Flag(bool isSet, ReadOnlySpan<byte> name)
        {
            if (isSet)
                writer.Write(name);
        }
    }

    private sealed class Sum : IMemoryMapSink
    {
        public ulong Start { get; private set; }

        public ulong End { get; private set; }

        public long Resident { get; private set; }

        public long Private { get; private set; }

        public long Anonymous { get; private set; }

        public void Add(in MappingInformation mapping, ReadOnlySpan<byte> name)
        {
            if (Start == 0)
                Start = mapping.Start;
            End = mapping.End;
            Resident += mapping.ResidentBytes;
            Private += PrivateBytes(mapping);
            Anonymous += AnonymousBytes(mapping);
        }
    }
}
