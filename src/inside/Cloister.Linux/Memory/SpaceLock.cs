using System.Collections.Generic;
using System.Runtime.CompilerServices;
using Cloister.Nucleus.Locking;

namespace Cloister.Linux.Memory;

/// <summary>
/// The lock of an address space. Files that lose their last region while it is held are closed when it has been left:
/// that may write back, and takes locks of the file system.
/// </summary>
internal readonly struct SpaceLock()
{
    private readonly KernelLock _lock = new(LockLevel.Space);
    private readonly List<FileBacking> _unused = [];

    /// <summary>Takes the lock until the result is disposed of.</summary>
    public Scope Enter([CallerMemberName] string member = "", [CallerLineNumber] int line = 0) => new(_unused, _lock.Enter(member, line));

    /// <summary>The same with the lock of another space held: that of a parent, by fork.</summary>
    public Scope EnterNext([CallerMemberName] string member = "", [CallerLineNumber] int line = 0) => new(_unused, _lock.EnterNext(member, line));

    /// <summary>Ends a region's use of a file. With the lock held.</summary>
    public void RemoveUser(FileBacking file)
    {
        if (file.RemoveUser())
            _unused.Add(file);
    }

    /// <summary>Holds the lock.</summary>
    internal ref struct Scope(List<FileBacking> unused, KernelLock.Scope scope)
    {
        private KernelLock.Scope _scope = scope;

        /// <summary>Leaves the lock, and closes what isn't mapped any more.</summary>
        public void Dispose()
        {
            FileBacking[] closed = unused.Count == 0 ? [] : [.. unused];
            unused.Clear();
            _scope.Dispose();
            foreach (FileBacking file in closed)
                file.Close();
        }
    }
}
