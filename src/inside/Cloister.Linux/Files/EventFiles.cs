using Cloister.Contracts.Files;
using Cloister.Nucleus;

namespace Cloister.Linux.Files;

/// <summary>eventfd(2) as the kernel itself uses it, to tell of what is done.</summary>
internal static class EventFiles
{
    /// <summary>Adds one to a counter. Where that would have to wait, the counter is as high as it goes, and says enough.</summary>
    public static void Signal(LinuxThread thread, IOpenFile file)
    {
        byte[] one = [1, 0, 0, 0, 0, 0, 0, 0];
        bool mayNotWait = thread.MayNotWait;
        thread.MayNotWait = true;
        file.Write(thread, new KernelBuffer(one));
        thread.MayNotWait = mayNotWait;
    }
}
