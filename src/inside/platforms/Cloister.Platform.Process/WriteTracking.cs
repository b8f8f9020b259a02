using System.Runtime.InteropServices;
using System.Threading;

namespace Cloister.Platform.Process;

/// <summary>
/// Makes the first store to a page a fault, without cutting the host's mapping, and tells which pages have been stored to: write
/// protection of userfaultfd(2), whose faults come as SIGBUS.
/// </summary>
/// <remarks>
/// 50 ns a page where ranges are protected, 4 us for a store; mprotect and SIGSEGV cost twice that, and two mappings for each page.
/// Pages lose the protection when mremap moves them. Linux 5.19, for pages of the memfd; PAGEMAP_SCAN (6.7) sees it.
/// </remarks>
internal sealed unsafe class WriteTracking(Stubs stubs, HostPageMap pageMap)
{
    private const long Userfaultfd = 323;
    private const ulong UserModeOnly = 1;
    private const ulong NonBlocking = 0x800;
    private const ulong Api = 0xAA;
    private const ulong IoApi = 0xC018AA3F;
    private const ulong IoRegister = 0xC020AA00;
    private const ulong IoUnregister = 0x8010AA01;
    private const ulong IoWriteProtect = 0xC018AA06;
    private const ulong Features = 1 << 0 | 1 << 7 | 1 << 12; // PAGEFAULT_FLAG_WP, SIGBUS, WP_HUGETLBFS_SHMEM
    private const ulong RegisterWriteProtection = 2;
    private const ulong Protected = 1;
    private const long TryAgain = -11;

    private readonly Lock _lock = new();
    private long _descriptor = -1;
    private bool _isUsed;
    private bool _isRefused;

    /// <summary>Whether pages have ever been protected: before, no store can fault for it.</summary>
    public bool IsUsed => Volatile.Read(ref _isUsed);

    /// <summary>Makes a run of mappings able to be protected; whole ones, since the host cuts others.</summary>
    /// <returns>False where the host can't.</returns>
    public bool TryRegister(ulong start, ulong length)
    {
        if (!TryOpen())
            return false;
        Registration registration = new() { Start = start, Length = length, Mode = RegisterWriteProtection };
        // SAFETY: the structure lives until the call returns. It changes no byte of the range.
        if (stubs.ShortHostCall(Host.Ioctl, (ulong)_descriptor, IoRegister, (ulong)(&registration), 0, 0, 0) != 0)
            return false;
        Volatile.Write(ref _isUsed, true);
        return true;
    }

    /// <summary>
    /// Protects pages of a registered run. Where it is of frames, all pages of the range are private ones: for others the host
    /// would remember the protection, and count them as private from then on.
    /// </summary>
    public bool TryProtect(ulong start, ulong length) => Change(start, length, Protected);

    /// <summary>Lets stores through again.</summary>
    /// <returns>False where a part of the range is of a mapping that was never protected; what is before it is done.</returns>
    public bool TryUnprotect(ulong start, ulong length) => Change(start, length, 0);

    /// <summary>
    /// Ends all protection in a range: before it moves, which the host refuses half-way where several mappings are protected
    /// (Linux 6.17).
    /// </summary>
    public void Forget(ulong start, ulong length)
    {
        if (!IsUsed)
            return;
        Range range = new() { Start = start, Length = length };
        // SAFETY: as above. Best effort: what isn't protected moves as ever.
        stubs.ShortHostCall(Host.Ioctl, (ulong)_descriptor, IoUnregister, (ulong)(&range), 0, 0, 0);
    }

    private bool Change(ulong start, ulong length, ulong mode)
    {
        Protection protection = new() { Start = start, Length = length, Mode = mode };
        long result;
        do
            // SAFETY: as above.
            result = stubs.ShortHostCall(Host.Ioctl, (ulong)_descriptor, IoWriteProtect, (ulong)(&protection), 0, 0, 0);
        while (result == TryAgain);
        return result == 0;
    }

    private bool TryOpen()
    {
        if (_descriptor >= 0)
            return true;
        lock (_lock)
        {
            if (_descriptor >= 0 || _isRefused)
                return _descriptor >= 0;
            long descriptor = pageMap.CanScan ? stubs.ShortHostCall(Userfaultfd, UserModeOnly | NonBlocking | Host.OpenCloseOnExec, 0, 0, 0, 0, 0) : -1;
            Handshake handshake = new() { Api = Api, Features = Features };
            // SAFETY: as above.
            if (descriptor >= 0 && stubs.ShortHostCall(Host.Ioctl, (ulong)descriptor, IoApi, (ulong)(&handshake), 0, 0, 0) != 0)
            {
                stubs.ShortHostCall(Host.Close, (ulong)descriptor, 0, 0, 0, 0, 0);
                descriptor = -1;
            }

            _isRefused = descriptor < 0;
            _descriptor = descriptor;
            return !_isRefused;
        }
    }

    /// <summary>struct uffdio_api.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Handshake
    {
        public ulong Api;
        public ulong Features;
        public ulong Calls;
    }

    /// <summary>struct uffdio_range.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Range
    {
        public ulong Start;
        public ulong Length;
    }

    /// <summary>struct uffdio_register.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Registration
    {
        public ulong Start;
        public ulong Length;
        public ulong Mode;
        public ulong Calls;
    }

    /// <summary>struct uffdio_writeprotect.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Protection
    {
        public ulong Start;
        public ulong Length;
        public ulong Mode;
    }
}
