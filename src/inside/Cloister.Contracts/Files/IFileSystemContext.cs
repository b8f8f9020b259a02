using System;

namespace Cloister.Contracts.Files;

/// <summary>Root, working directory and umask of a process; shared with CLONE_FS.</summary>
public interface IFileSystemContext
{
    /// <summary>File mode creation mask (umask(2)).</summary>
    uint Umask { get; set; }

    /// <summary>A copy for a new process (fork), or for unshare(CLONE_FS).</summary>
    IFileSystemContext Clone();

    /// <summary>Path of the working directory, as getcwd(2) gives it: without NUL, "(unreachable)" in front where it lies outside the root.</summary>
    /// <returns>Bytes; 0 where the directory was removed (ENOENT), -1 where it doesn't fit.</returns>
    int GetWorkingDirectory(Span<byte> into);

    /// <summary>Path of the root as the first process sees it.</summary>
    int GetRootDirectory(Span<byte> into);
}

/// <summary>How the last component and an empty path are taken.</summary>
[Flags]
public enum LookupFlags
{
    /// <summary>A symbolic link in the last component is meant itself.</summary>
    None = 0,

    /// <summary>A symbolic link in the last component is followed.</summary>
    Follow = 1,

    /// <summary>An empty path means the starting file (AT_EMPTY_PATH).</summary>
    AllowEmpty = 2,
}

/// <summary>A path as a call gives it.</summary>
/// <param name="context">Root and working directory.</param>
/// <param name="start">What a relative path starts at; null for the working directory.</param>
/// <param name="path">Bytes without NUL.</param>
/// <param name="flags">How the path is taken.</param>
/// <param name="resolve">openat2(2).</param>
public readonly ref struct PathArgument(
    IFileSystemContext context,
    IOpenFile? start,
    ReadOnlySpan<byte> path,
    LookupFlags flags,
    Cloister.Abi.Files.ResolveFlags resolve = Cloister.Abi.Files.ResolveFlags.None)
{
    /// <summary>Root and working directory.</summary>
    public IFileSystemContext Context { get; } = context;

    /// <summary>What a relative path starts at; null for the working directory.</summary>
    public IOpenFile? Start { get; } = start;

    /// <summary>Bytes without NUL.</summary>
    public ReadOnlySpan<byte> Path { get; } = path;

    /// <summary>How the path is taken.</summary>
    public LookupFlags Flags { get; } = flags;

    /// <summary>Restrictions of openat2(2).</summary>
    public Cloister.Abi.Files.ResolveFlags Resolve { get; } = resolve;
}
