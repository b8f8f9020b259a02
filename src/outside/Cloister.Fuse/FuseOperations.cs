using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cloister.Fuse;

/// <summary>
/// The functions that libfuse calls, on its own threads. Each finds the mount's <see cref="FuseFiles"/> and passes the request on;
/// an exception must not reach C code.
/// </summary>
internal static unsafe class FuseOperations
{
    private const int InputOutputError = 5;

    private delegate void Work(FuseFiles files, in FuseRequest request);

    /// <summary>Writes the pointers at their places in <c>struct fuse_lowlevel_ops</c>.</summary>
    public static void Fill(nint* operations)
    {
        operations[2] = (nint)(delegate* unmanaged<nint, ulong, byte*, void>)&Lookup;
        operations[3] = (nint)(delegate* unmanaged<nint, ulong, ulong, void>)&Forget;
        operations[4] = (nint)(delegate* unmanaged<nint, ulong, nint, void>)&GetAttributes;
        operations[5] = (nint)(delegate* unmanaged<nint, ulong, LibFuse.Stat*, int, nint, void>)&SetAttributes;
        operations[6] = (nint)(delegate* unmanaged<nint, ulong, void>)&ReadLink;
        operations[7] = (nint)(delegate* unmanaged<nint, ulong, byte*, uint, ulong, void>)&MakeNode;
        operations[8] = (nint)(delegate* unmanaged<nint, ulong, byte*, uint, void>)&MakeDirectory;
        operations[9] = (nint)(delegate* unmanaged<nint, ulong, byte*, void>)&Unlink;
        operations[10] = (nint)(delegate* unmanaged<nint, ulong, byte*, void>)&RemoveDirectory;
        operations[11] = (nint)(delegate* unmanaged<nint, byte*, ulong, byte*, void>)&SymbolicLink;
        operations[12] = (nint)(delegate* unmanaged<nint, ulong, byte*, ulong, byte*, uint, void>)&Rename;
        operations[13] = (nint)(delegate* unmanaged<nint, ulong, ulong, byte*, void>)&Link;
        operations[14] = (nint)(delegate* unmanaged<nint, ulong, LibFuse.FileInformation*, void>)&Open;
        operations[15] = (nint)(delegate* unmanaged<nint, ulong, nint, long, nint, void>)&Read;
        operations[16] = (nint)(delegate* unmanaged<nint, ulong, byte*, nint, long, nint, void>)&Write;
        operations[19] = (nint)(delegate* unmanaged<nint, ulong, int, nint, void>)&Synchronize;
        operations[21] = (nint)(delegate* unmanaged<nint, ulong, nint, long, nint, void>)&ReadDirectory;
        operations[23] = (nint)(delegate* unmanaged<nint, ulong, int, nint, void>)&Synchronize;
        operations[24] = (nint)(delegate* unmanaged<nint, ulong, void>)&GetFileSystem;
        operations[25] = (nint)(delegate* unmanaged<nint, ulong, byte*, byte*, nint, int, void>)&SetExtendedAttribute;
        operations[26] = (nint)(delegate* unmanaged<nint, ulong, byte*, nint, void>)&GetExtendedAttribute;
        operations[27] = (nint)(delegate* unmanaged<nint, ulong, nint, void>)&ListExtendedAttributes;
        operations[28] = (nint)(delegate* unmanaged<nint, ulong, byte*, void>)&RemoveExtendedAttribute;
        operations[30] = (nint)(delegate* unmanaged<nint, ulong, byte*, uint, LibFuse.FileInformation*, void>)&Create;
        operations[40] = (nint)(delegate* unmanaged<nint, ulong, int, long, long, nint, void>)&Allocate;
        operations[43] = (nint)(delegate* unmanaged<nint, ulong, long, int, nint, void>)&Seek;
    }

    [UnmanagedCallersOnly]
    private static void Lookup(nint request, ulong parent, byte* name) =>
        Serve(request, (files, in q) => files.Lookup(q), new FuseRequest { Inode = parent, Name = name });

    [UnmanagedCallersOnly]
    private static void Forget(nint request, ulong inode, ulong count) =>
        Serve(request, (files, in q) => files.Forget(q), new FuseRequest { Inode = inode, Other = count });

    [UnmanagedCallersOnly]
    private static void GetAttributes(nint request, ulong inode, nint file) =>
        Serve(request, (files, in q) => files.GetAttributes(q), new FuseRequest { Inode = inode });

    [UnmanagedCallersOnly]
    private static void SetAttributes(nint request, ulong inode, LibFuse.Stat* attributes, int mask, nint file) =>
        Serve(request, (files, in q) => files.SetAttributes(q), new FuseRequest { Inode = inode, Attributes = attributes, Flags = (uint)mask });

    [UnmanagedCallersOnly]
    private static void ReadLink(nint request, ulong inode) =>
        Serve(request, (files, in q) => files.ReadLink(q), new FuseRequest { Inode = inode });

    [UnmanagedCallersOnly]
    private static void MakeNode(nint request, ulong parent, byte* name, uint mode, ulong device) =>
        Serve(request, (files, in q) => files.MakeNode(q), new FuseRequest { Inode = parent, Name = name, Mode = mode, Other = device });

    [UnmanagedCallersOnly]
    private static void MakeDirectory(nint request, ulong parent, byte* name, uint mode) =>
        Serve(request, (files, in q) => files.MakeNode(q), new FuseRequest { Inode = parent, Name = name, Mode = mode | Abi.Files.FileModes.S_IFDIR });

    [UnmanagedCallersOnly]
    private static void Unlink(nint request, ulong parent, byte* name) =>
        Serve(request, (files, in q) => files.Unlink(q), new FuseRequest { Inode = parent, Name = name });

    [UnmanagedCallersOnly]
    private static void RemoveDirectory(nint request, ulong parent, byte* name) =>
        Serve(request, (files, in q) => files.RemoveDirectory(q), new FuseRequest { Inode = parent, Name = name });

    [UnmanagedCallersOnly]
    private static void SymbolicLink(nint request, byte* target, ulong parent, byte* name) =>
        Serve(request, (files, in q) => files.SymbolicLink(q), new FuseRequest { Inode = parent, Name = name, SecondName = target });

    [UnmanagedCallersOnly]
    private static void Rename(nint request, ulong parent, byte* name, ulong newParent, byte* newName, uint flags) =>
        Serve(request, (files, in q) => files.Rename(q), new FuseRequest { Inode = parent, Name = name, Other = newParent, SecondName = newName, Flags = flags });

    [UnmanagedCallersOnly]
    private static void Link(nint request, ulong inode, ulong newParent, byte* newName) =>
        Serve(request, (files, in q) => files.Link(q), new FuseRequest { Inode = inode, Other = newParent, Name = newName });

    [UnmanagedCallersOnly]
    private static void Open(nint request, ulong inode, LibFuse.FileInformation* file) =>
        Serve(request, (files, in q) => files.Open(q), new FuseRequest { Inode = inode, File = file });

    [UnmanagedCallersOnly]
    private static void Read(nint request, ulong inode, nint size, long offset, nint file) =>
        Serve(request, (files, in q) => files.Read(q), new FuseRequest { Inode = inode, Length = size, Offset = offset });

    [UnmanagedCallersOnly]
    private static void Write(nint request, ulong inode, byte* bytes, nint size, long offset, nint file) =>
        Serve(request, (files, in q) => files.Write(q), new FuseRequest { Inode = inode, Name = bytes, Length = size, Offset = offset });

    [UnmanagedCallersOnly]
    private static void Synchronize(nint request, ulong inode, int dataOnly, nint file) =>
        Serve(request, (files, in q) => files.Synchronize(q), new FuseRequest { Inode = inode });

    [UnmanagedCallersOnly]
    private static void ReadDirectory(nint request, ulong inode, nint size, long offset, nint file) =>
        Serve(request, (files, in q) => files.ReadDirectory(q), new FuseRequest { Inode = inode, Length = size, Offset = offset });

    [UnmanagedCallersOnly]
    private static void GetFileSystem(nint request, ulong inode) =>
        Serve(request, (files, in q) => files.GetFileSystem(q), new FuseRequest { Inode = inode });

    [UnmanagedCallersOnly]
    private static void SetExtendedAttribute(nint request, ulong inode, byte* name, byte* value, nint size, int flags) =>
        Serve(request, (files, in q) => files.SetExtendedAttribute(q), new FuseRequest { Inode = inode, Name = name, SecondName = value, Length = size, Flags = (uint)flags });

    [UnmanagedCallersOnly]
    private static void GetExtendedAttribute(nint request, ulong inode, byte* name, nint size) =>
        Serve(request, (files, in q) => files.GetExtendedAttribute(q), new FuseRequest { Inode = inode, Name = name, Length = size });

    [UnmanagedCallersOnly]
    private static void ListExtendedAttributes(nint request, ulong inode, nint size) =>
        Serve(request, (files, in q) => files.ListExtendedAttributes(q), new FuseRequest { Inode = inode, Length = size });

    [UnmanagedCallersOnly]
    private static void RemoveExtendedAttribute(nint request, ulong inode, byte* name) =>
        Serve(request, (files, in q) => files.RemoveExtendedAttribute(q), new FuseRequest { Inode = inode, Name = name });

    [UnmanagedCallersOnly]
    private static void Create(nint request, ulong parent, byte* name, uint mode, LibFuse.FileInformation* file) =>
        Serve(request, (files, in q) => files.Create(q), new FuseRequest { Inode = parent, Name = name, Mode = mode, File = file });

    [UnmanagedCallersOnly]
    private static void Allocate(nint request, ulong inode, int mode, long offset, long length, nint file) =>
        Serve(request, (files, in q) => files.Allocate(q), new FuseRequest { Inode = inode, Flags = (uint)mode, Offset = offset, Length = (nint)length });

    [UnmanagedCallersOnly]
    private static void Seek(nint request, ulong inode, long offset, int whence, nint file) =>
        Serve(request, (files, in q) => files.Seek(q), new FuseRequest { Inode = inode, Offset = offset, Flags = (uint)whence });

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Serve(nint handle, Work work, FuseRequest request)
    {
        request.Handle = handle;
        try
        {
            var files = (FuseFiles)GCHandle.FromIntPtr(LibFuse.GetUserData(handle)).Target!;
            work(files, request);
        }
        catch (Exception defect)
        {
            Console.Error.WriteLine($"cloister: a request to the mounted volume failed: {defect}");
            LibFuse.ReplyError(handle, InputOutputError);
        }
    }
}

/// <summary>A request and its arguments; which of them count depends on the operation.</summary>
internal unsafe struct FuseRequest
{
    /// <summary>What the answer is given to, exactly once.</summary>
    public nint Handle;

    /// <summary>The file, or the directory that a name is in.</summary>
    public ulong Inode;

    /// <summary>A second directory, a count, a device.</summary>
    public ulong Other;

    /// <summary>A name with a NUL, or bytes to write.</summary>
    public byte* Name;

    /// <summary>A second name, a target, a value.</summary>
    public byte* SecondName;

    public uint Mode;

    public uint Flags;

    public nint Length;

    public long Offset;

    public LibFuse.Stat* Attributes;

    public LibFuse.FileInformation* File;
}
