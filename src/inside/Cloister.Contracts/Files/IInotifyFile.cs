using Cloister.Abi;
using Cloister.Abi.Files;

namespace Cloister.Contracts.Files;

/// <summary>An inotify instance (inotify(7)).</summary>
public interface IInotifyFile
{
    /// <summary>inotify_add_watch(2); the mask has been checked.</summary>
    /// <param name="caller">The thread.</param>
    /// <param name="path">What is watched.</param>
    /// <param name="mask">Events and flags.</param>
    /// <param name="descriptor">The watch's number.</param>
    Errno Add(ICaller caller, in PathArgument path, InotifyFlags mask, out int descriptor);

    /// <summary>inotify_rm_watch(2). EINVAL.</summary>
    Errno Remove(int descriptor);
}
