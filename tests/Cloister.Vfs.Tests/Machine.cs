using System;
using System.Collections.Generic;
using System.Text;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Files;
using Cloister.Nucleus;

namespace Cloister.Vfs.Tests;

/// <summary>A VFS with one process, and the system calls on it by string paths.</summary>
internal sealed class Machine
{
    private readonly byte[] _bytes = new byte[1 << 20];

    public Machine(int frames = 4096)
    {
        Clock = new FakeClock();
        Frames = new FakeFrames(frames);
        Vfs = new VirtualFileSystem(new VfsServices(new EnclaveMemory(Frames), Clock, new FakeEntropy()) { Timers = new FakeTimers(Clock) });
        Caller = new FakeCaller(Clock);
        Context = Vfs.CreateContext();
        Table = Vfs.CreateDescriptorTable();
    }

    public FakeClock Clock { get; }

    public FakeFrames Frames { get; }

    public VirtualFileSystem Vfs { get; }

    public FakeCaller Caller { get; }

    public IFileSystemContext Context { get; set; }

    public IDescriptorTable Table { get; }

    public FakeBuffer Buffer { get; } = new();

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public PathArgument Path(string path, LookupFlags flags = LookupFlags.Follow, IOpenFile? start = null, ResolveFlags resolve = ResolveFlags.None) =>
        new(Context, start, Bytes(path), flags, resolve);

    public void As(uint user, uint group, ulong capabilities = 0, params uint[] groups)
    {
        Caller.Credentials = new Credentials(user, group, user == 0 ? ulong.MaxValue : capabilities);
        Caller.Groups = groups;
    }

    public Errno TryOpen(string path, OpenFlags flags, uint mode, out IOpenFile? file, ResolveFlags resolve = ResolveFlags.None, IOpenFile? start = null)
    {
        bool follows = (flags & OpenFlags.O_NOFOLLOW) == 0 && (flags & (OpenFlags.O_CREAT | OpenFlags.O_EXCL)) != (OpenFlags.O_CREAT | OpenFlags.O_EXCL);
        return Vfs.Open(Caller, Path(path, follows ? LookupFlags.Follow : LookupFlags.None, start, resolve), flags, mode, out file);
    }

    public Errno TryOpen(string path, OpenFlags flags = OpenFlags.O_RDONLY, uint mode = 0x1A4)
    {
        Errno error = TryOpen(path, flags, mode, out IOpenFile? file);
        file?.Release();
        return error;
    }

    public IOpenFile Open(string path, OpenFlags flags = OpenFlags.O_RDONLY, uint mode = 0x1A4)
    {
        Errno error = TryOpen(path, flags, mode, out IOpenFile? file);
        Assert.Equal(Errno.Success, error);
        return file!;
    }

    public void Put(string path, string text, uint mode = 0x1A4)
    {
        IOpenFile file = Open(path, OpenFlags.O_CREAT | OpenFlags.O_WRONLY | OpenFlags.O_TRUNC, mode);
        Assert.Equal(text.Length, Write(file, text));
        file.Release();
    }

    public string Get(string path)
    {
        IOpenFile file = Open(path);
        string text = "";
        while (true)
        {
            string part = Read(file, 65536);
            if (part.Length == 0)
                break;
            text += part;
        }

        file.Release();
        return text;
    }

    public long Write(IOpenFile file, string text)
    {
        byte[] bytes = Bytes(text);
        return file.Write(Caller, Buffer.Set(bytes, bytes.Length)).Value;
    }

    public string Read(IOpenFile file, int count)
    {
        SyscallResult result = file.Read(Caller, Buffer.Set(_bytes, count));
        Assert.False(result.IsError, result.Errno.ToString());
        return Encoding.UTF8.GetString(_bytes, 0, (int)result.Value);
    }

    public Errno ReadError(IOpenFile file, int count = 1) => file.Read(Caller, Buffer.Set(_bytes, count)).Errno;

    public Errno WriteError(IOpenFile file, string text)
    {
        byte[] bytes = Bytes(text);
        return file.Write(Caller, Buffer.Set(bytes, bytes.Length)).Errno;
    }

    public FileStatus Stat(string path, LookupFlags flags = LookupFlags.Follow)
    {
        Assert.Equal(Errno.Success, Vfs.GetStatus(Caller, Path(path, flags), out FileStatus status));
        return status;
    }

    public Errno StatError(string path, LookupFlags flags = LookupFlags.Follow) => Vfs.GetStatus(Caller, Path(path, flags), out _);

    public Errno MkDir(string path, uint mode = 0x1ED) => Vfs.MakeDirectory(Caller, Path(path, LookupFlags.None), mode);

    public Errno RmDir(string path) => Vfs.RemoveDirectory(Caller, Path(path, LookupFlags.None));

    public Errno Unlink(string path) => Vfs.Unlink(Caller, Path(path, LookupFlags.None));

    public Errno SymLink(string target, string path) => Vfs.MakeSymbolicLink(Caller, Bytes(target), Path(path, LookupFlags.None));

    public Errno Link(string from, string to) => Vfs.Link(Caller, Path(from, LookupFlags.None), Path(to, LookupFlags.None));

    public Errno Rename(string from, string to, RenameFlags flags = RenameFlags.None) =>
        Vfs.Rename(Caller, Path(from, LookupFlags.None), Path(to, LookupFlags.None), flags);

    public string ReadLink(string path)
    {
        byte[] into = new byte[4096];
        Assert.Equal(Errno.Success, Vfs.ReadLink(Caller, Path(path, LookupFlags.None), into, out int length));
        return Encoding.UTF8.GetString(into, 0, length);
    }

    public string PathOf(IOpenFile file)
    {
        byte[] into = new byte[4096];
        return Encoding.UTF8.GetString(into, 0, file.GetPath(Context, into));
    }

    public string WorkingDirectory()
    {
        byte[] into = new byte[4096];
        int length = Context.GetWorkingDirectory(into);
        return length <= 0 ? "" : Encoding.UTF8.GetString(into, 0, length);
    }

    public List<string> List(string path, int chunk = 4096)
    {
        IOpenFile directory = Open(path, OpenFlags.O_DIRECTORY);
        var names = new List<string>();
        byte[] into = new byte[chunk];
        while (true)
        {
            SyscallResult result = directory.ReadDirectory(Caller, DirectoryFormat.Dirent64, into);
            Assert.False(result.IsError, result.Errno.ToString());
            if (result.Value == 0)
                break;
            for (int at = 0; at < (int)result.Value;)
            {
                int length = BitConverter.ToUInt16(into, at + 16);
                int end = Array.IndexOf(into, (byte)0, at + 19);
                names.Add(Encoding.UTF8.GetString(into, at + 19, end - at - 19));
                at += length;
            }
        }

        directory.Release();
        names.Sort(StringComparer.Ordinal);
        return names;
    }
}
