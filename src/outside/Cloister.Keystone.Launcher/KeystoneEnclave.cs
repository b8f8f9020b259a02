using System;
using System.Runtime.InteropServices;
using Cloister.Hal.HostProtocol;

namespace Cloister.Keystone.Launcher;

/// <summary>An enclave of the driver /dev/keystone_enclave, with the kernel in its first part.</summary>
internal ref struct KeystoneEnclave
{
    private const int Page = 4096;

    private int _driver;
    private DriverCreate _create;
    private DriverRun _run;
    private bool _hasRun;
    private Span<byte> _window;

    /// <summary>Physical address of the memory that it shares.</summary>
    public readonly ulong Window => _create.Shared;

    /// <summary>Makes it.</summary>
    /// <param name="parts">Names of files, each with a zero at its end: what is measured of the enclave.</param>
    /// <param name="free">Bytes of memory besides.</param>
    /// <returns>What hasn't worked; null where all has.</returns>
    public string? Create(ReadOnlySpan<string> parts, long free)
    {
        _driver = Linux.Open("/dev/keystone_enclave\0"u8, forWriting: true);
        if (_driver < 0)
            return "there is no /dev/keystone_enclave";
        Span<int> files = stackalloc int[3];
        Span<long> pages = stackalloc long[4];
        for (int i = 0; i < files.Length; i++)
        {
            files[i] = Linux.Open(Text.Name(parts[i]), forWriting: false);
            if (files[i] < 0)
                return "a part of the enclave can't be read";
            pages[i] = Math.Max((Linux.Length(files[i]) + Page - 1) / Page, 1);
            pages[3] += pages[i];
        }

        _create.LeastPages = (ulong)(pages[3] + (free + Page - 1) / Page);
        if (Linux.Control(_driver, DriverCreate.Create, ref _create) != 0)
            return "there isn't so much memory for an enclave in one piece: the pool is too small";
        _create.SharedSize = MachineWindow.Length;
        if (Linux.Control(_driver, DriverCreate.ShareMemory, ref _create) != 0)
            return "there is no memory to share in one piece: the pool is too small";
        long first = 0;
        for (int i = 0; i < files.Length; i++)
        {
            if (!TryLoad(files[i], first, pages[i]))
                return "the enclave's memory can't be filled";
            Linux.Close(files[i]);
            first += pages[i];
        }

        _create.Runtime = _create.Memory + (ulong)(pages[0] * Page);
        _create.Application = _create.Runtime + (ulong)(pages[1] * Page);
        _create.Free = _create.Application + (ulong)(pages[2] * Page);
        if (Linux.Control(_driver, DriverCreate.Finalize, ref _create) != 0)
            return "the monitor refuses the enclave";
        _window = Linux.Map(_driver, 0, MachineWindow.Length);
        _run.Id = _create.Id;
        return _window.IsEmpty ? "the memory that the enclave shares can't be mapped" : null;
    }

    // Pages one after the other, as Keystone's own driver wants them.
    private readonly bool TryLoad(int file, long first, long count)
    {
        for (long i = 0; i < count; i++)
        {
            Span<byte> page = Linux.Map(_driver, (first + i) * Page, Page);
            if (page.IsEmpty)
                return false;
            Span<byte> rest = page;
            for (long read; !rest.IsEmpty && (read = Linux.Read(file, rest)) > 0; rest = rest[(int)read..])
            {
            }

            Linux.Unmap(page);
        }

        return true;
    }

    /// <summary>Runs it until it stops or ends.</summary>
    /// <param name="error">0 where it has ended, <see cref="DriverRun.Stopped"/>, or the monitor's refusal; below 0, Linux'.</param>
    public long Run(out ulong value)
    {
        long failure;
        do
        {
            failure = Linux.Control(_driver, _hasRun ? DriverRun.Resume : DriverRun.Run, ref _run);
            _hasRun = true;
        }
        while (failure == 0 && _run.Error == DriverRun.Interrupted);
        value = _run.Value;
        return failure != 0 ? failure : (long)_run.Error;
    }

    /// <summary>Why it has stopped. A copy: the enclave may write at any time.</summary>
    public readonly EnclaveStop ReadStop() => MemoryMarshal.Read<EnclaveStop>(_window[EnclaveStop.Offset..]);

    /// <summary>The text that it has left.</summary>
    public readonly ReadOnlySpan<byte> Printed(in EnclaveStop stop) =>
        _window.Slice(EnclaveStop.Text, (int)Math.Min(stop.TextLength, EnclaveStop.MostText));
}
