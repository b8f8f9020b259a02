using System;
using System.Threading;
using Cloister.Hal;

namespace Cloister.Platform.Process;

/// <summary>
/// The platform without TEE hardware: kernel and programs in one process of the host, with the shape of SGX. It
/// protects nothing from the host. docs/process-platform.md.
/// </summary>
public sealed class ProcessPlatform : IPlatform, IMmu, IDisposable
{
    private readonly Stubs _stubs;
    private readonly VectorState _vectorState;
    private readonly ProcessFrames _frames;
    private readonly CallSiteStatistics _callSites = new();
    private readonly ProcessCpus _cpus;
    private readonly ProcessMmu _mmu;

    /// <summary>Prepares the process. Create at most one.</summary>
    /// <param name="hostPort">The way to the host.</param>
    /// <param name="memory">Bytes of enclave memory.</param>
    /// <param name="traps">How system calls of programs are caught.</param>
    /// <exception cref="PlatformException">The processor or the host's kernel lacks a feature; the message names it.</exception>
    /// <param name="exits">The model of what leaving the enclave costs; null for nothing.</param>
    public ProcessPlatform(IHostPort hostPort, long memory, SystemCallTraps traps = SystemCallTraps.Best, IExits? exits = null)
    {
        HostRequirements.Check();
        HostPort = hostPort;
        _stubs = new Stubs();
        _vectorState = new VectorState(_stubs);
        Clock = new HostClock();
        Entropy = new HostEntropy(_stubs);
        _cpus = new ProcessCpus(_stubs, Clock) { Exits = exits };
        int process = Host.getpid();
        bool dispatches = traps != SystemCallTraps.Seccomp && SyscallUserDispatch.IsAvailable(_stubs);
        if (!dispatches && traps == SystemCallTraps.Dispatch)
            throw new PlatformException("The host's kernel lacks Syscall User Dispatch (prctl PR_SET_SYSCALL_USER_DISPATCH, Linux 5.11).");
        _cpus.ContextFactory = () => new ProcessUserContext(_stubs, _vectorState, _cpus.Processors, process, dispatches);

        // The frames first: what is large shall not be mapped in the room that is left around the host's mappings.
        _frames = new ProcessFrames(_stubs, _cpus, Clock, memory);
        var addresses = new UserAddressRange(_stubs, _cpus);
        _cpus.Residency = addresses.Residency;
        if (!dispatches)
            SeccompTraps.Install(_stubs, addresses);
        _mmu = new ProcessMmu(_stubs, _frames, addresses, _callSites);
    }

    /// <inheritdoc/>
    public void Begin() => SignalHandlers.Install(_stubs);

    /// <inheritdoc/>
    public string Name => "process";

    /// <inheritdoc/>
    public bool IsConfidential => false;

    /// <inheritdoc/>
    public IFrames Frames => _frames;

    /// <inheritdoc/>
    public IMmu Mmu => this;

    /// <inheritdoc/>
    public ICpus Cpus => _cpus;

    /// <inheritdoc/>
    public IHostPort HostPort { get; }

    /// <inheritdoc/>
    public IClock Clock { get; }

    /// <inheritdoc/>
    public IEntropy Entropy { get; }

    /// <inheritdoc/>
    public IVdso? Vdso { get; } = HostVdso.Find();

    /// <inheritdoc/>
    public CpuKind Cpu => CpuKind.X64;

    /// <inheritdoc/>
    public ulong HardwareCapabilities { get; } = Host.getauxval(HostRequirements.AtHwcap);

    /// <inheritdoc/>
    public ulong HardwareCapabilities2 { get; } = Host.getauxval(HostRequirements.AtHwcap2);

    /// <summary>What became of the system calls in the text of all programs so far.</summary>
    public CallSiteCounts CallSites => _callSites.Counts;

    /// <summary>Mappings of the host that programs may have.</summary>
    internal HostMappingBudget HostMappings => _mmu.HostMappings;

    /// <summary>For tests.</summary>
    internal SavedPagesPool SavedPages => _mmu.SavedPages;

    /// <inheritdoc/>
    public IAddressSpace? CreateAddressSpace(IPageBudget budget) => _mmu.CreateAddressSpace(budget);

    /// <inheritdoc/>
    public IUserContext CreateContext()
    {
        ProcessUserContext context = _cpus.CurrentContext;
        context.Reset();
        return context;
    }

    /// <inheritdoc/>
    public void Activate(IUserContext context, IAddressSpace space) => ((ProcessUserContext)context).Space = (ProcessAddressSpace)space;

    /// <inheritdoc/>
    public void Dispose() => _cpus.Dispose();
}

/// <summary>
/// The host's own vDSO: nothing here is protected from the host anyway, and its clock functions then cost what they
/// cost natively. System calls within it trap like any other code's.
/// </summary>
internal sealed unsafe class HostVdso : IVdso
{
    private HostVdso(ulong address) => Address = address;

    /// <inheritdoc/>
    public ulong Address { get; }

    /// <inheritdoc/>
    public ulong Length => 2 * FrameExtent.FrameSize;

    // SAFETY: the host maps it for the process's whole life.
    /// <inheritdoc/>
    public ReadOnlySpan<byte> Content => new((void*)Address, (int)Length);

    /// <summary>Null where the host has none.</summary>
    public static HostVdso? Find() => Host.getauxval(HostRequirements.AtSysinfoEhdr) is var address and not 0 ? new HostVdso(address) : null;
}

/// <summary>The host's clocks, read through its vDSO.</summary>
internal sealed unsafe class HostClock : IClock
{
    private const int Realtime = 0;
    private const int Monotonic = 1;

    /// <inheritdoc/>
    public long MonotonicNanoseconds => Read(Monotonic);

    /// <inheritdoc/>
    public long RealtimeNanoseconds => Read(Realtime);

    /// <inheritdoc/>
    public long Read(ClockSource source) => Read((int)source);

    private static long Read(int clock)
    {
        long* time = stackalloc long[2];
        // SAFETY: a struct timespec is two longs; the call doesn't block.
        _ = Host.clock_gettime(clock, time);
        return time[0] * 1_000_000_000 + time[1];
    }
}

/// <summary>The host's getrandom(2).</summary>
internal sealed unsafe class HostEntropy(Stubs stubs) : IEntropy
{
    /// <inheritdoc/>
    public void Fill(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            int done = 0;
            while (done < buffer.Length)
            {
                // SAFETY: the span is pinned for the time of the call.
                long count = stubs.HostCall(Host.Getrandom, (ulong)(start + done), (ulong)(buffer.Length - done), 0, 0, 0, 0);
                if (count > 0)
                    done += (int)count;
            }
        }
    }
}
