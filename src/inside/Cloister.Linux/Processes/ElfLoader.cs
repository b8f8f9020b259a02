using System;
using System.Buffers.Binary;
using Cloister.Abi;
using Cloister.Contracts.Files;
using Cloister.Hal;
using Cloister.Linux.Memory;
using Cloister.Nucleus;

namespace Cloister.Linux.Processes;

/// <summary>Maps ELF images into an address space (fs/binfmt_elf.c of Linux is the model for the details).</summary>
internal sealed class ElfLoader(LinuxThread thread, AddressSpace space, UserMemory memory)
{
    private const Protection AllRights = Protection.Read | Protection.Write | Protection.Execute;
    private const ulong PageMask = AddressSpace.PageSize - 1;

    /// <summary>Maps an image.</summary>
    /// <param name="image">Its headers.</param>
    /// <param name="file">Its file.</param>
    /// <param name="wantedBase">Where a position-independent image shall start; 0 for any free place.</param>
    /// <param name="bias">What was added to all addresses.</param>
    public Errno Load(ElfImage image, IOpenFile file, ulong wantedBase, out ulong bias)
    {
        bias = 0;
        Errno error = file.GetMapping(thread, MappingAccess.Read | MappingAccess.Execute, out FileMapping mapping);
        if (error != Errno.Success)
            return error;
        if (mapping.Memory is not MemoryObject pages)
            return Errno.ENOEXEC;
        error = FileBacking.Create(file, mapping, mayWrite: false, out FileBacking? backing);
        if (error != Errno.Success)
            return error;
        error = Map(image, pages, backing!, wantedBase, out bias);
        backing!.Release();
        return error;
    }

    private Errno Map(ElfImage image, MemoryObject pages, FileBacking backing, ulong wantedBase, out ulong bias)
    {
        bias = 0;
        Errno error;
        if (image.IsPositionIndependent)
        {
            error = Place(image, wantedBase, out ulong start);
            if (error != Errno.Success)
                return error;
            bias = start - image.Start;
        }

        foreach (ElfSegment segment in image.Segments)
        {
            error = MapSegment(segment, pages, backing, bias);
            if (error != Errno.Success)
                return error;
        }

        return Errno.Success;
    }

    /// <summary>Takes the whole range first, so that segments can't come apart.</summary>
    private Errno Place(ElfImage image, ulong wantedBase, out ulong start)
    {
        ulong length = image.End - image.Start;
        var reservation = new MappingAttributes(Protection.None, AllRights, false, false);
        if (wantedBase != 0)
        {
            start = (wantedBase + image.Alignment - 1) & ~(image.Alignment - 1);
            return space.MapFixed(start, length, reservation, replace: false, MemoryLimits.None);
        }

        Errno error = space.Map(0, length + image.Alignment, reservation, 0, MemoryLimits.None, out ulong address);
        start = (address + image.Alignment - 1) & ~(image.Alignment - 1);
        if (error != Errno.Success)
            return error;
        if (start > address)
            space.Unmap(address, start - address);
        ulong end = address + length + image.Alignment;
        if (end > start + length)
            space.Unmap(start + length, end - start - length);
        return Errno.Success;
    }

    private Errno MapSegment(ElfSegment segment, MemoryObject pages, FileBacking backing, ulong bias)
    {
        ulong start = (segment.Address + bias) & ~PageMask;
        ulong fileEnd = segment.Address + bias + segment.FileSize;
        ulong end = (segment.Address + bias + segment.MemorySize + PageMask) & ~PageMask;
        ulong mappedEnd = segment.FileSize == 0 ? start : (fileEnd + PageMask) & ~PageMask;
        bool isWritable = (segment.Protection & Protection.Write) != 0;
        if (mappedEnd > start)
        {
            var attributes = new MappingAttributes(segment.Protection, AllRights, false, isWritable)
            {
                Memory = pages,
                Offset = (long)(segment.FileOffset & ~PageMask),
                File = backing,
            };
            Errno error = space.MapFixed(start, mappedEnd - start, attributes, replace: true, MemoryLimits.None);
            if (error != Errno.Success)
                return error;
        }

        if (segment.MemorySize > segment.FileSize && isWritable && mappedEnd > fileEnd)
        {
            // The last page of the file part holds whatever follows in the file: .bss must be zero.
            long tail = (long)(mappedEnd - fileEnd);
            if (memory.ClearPartially(fileEnd, tail) != tail)
                return Errno.EFAULT;
        }

        if (end <= mappedEnd)
            return Errno.Success;

        // As vm_brk_flags of Linux maps it: writable, whatever the segment is.
        Protection rights = Protection.Read | Protection.Write | (segment.Protection & Protection.Execute);
        var anonymous = new MappingAttributes(rights, AllRights, false, true);
        return space.MapFixed(mappedEnd, end - mappedEnd, anonymous, replace: true, MemoryLimits.None);
    }
}
