using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Nucleus.Locking;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Devices;

/// <summary>Character devices by number.</summary>
internal sealed class DeviceTable
{
    private readonly KernelLock _lock = new(LockLevel.Devices);
    private readonly Dictionary<ulong, IDevice> _devices = [];

    public void Register(uint major, uint minor, IDevice device)
    {
        using (_lock.Enter())
            _devices[DeviceNumbers.Make(major, minor)] = device;
    }

    /// <summary>Opens the device that a device file stands for; ENXIO where there is none.</summary>
    public Errno Open(ICaller caller, VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        IDevice? device;
        using (_lock.Enter())
            _devices.TryGetValue(path.Inode.RawDevice, out device);
        return device is null ? Errno.ENXIO : device.Open(caller, path, flags, out file);
    }
}

/// <summary>A driver.</summary>
internal interface IDevice
{
    Errno Open(ICaller caller, VfsPath path, OpenFlags flags, out OpenFile? file);
}

/// <summary>A driver whose opens are independent files.</summary>
internal sealed class SimpleDevice(Func<OpenFile> create) : IDevice
{
    public Errno Open(ICaller caller, VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        file = create();
        file.Begin(path, flags);
        return Errno.Success;
    }
}
