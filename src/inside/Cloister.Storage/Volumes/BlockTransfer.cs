using System;
using Cloister.Abi;
using Cloister.Contracts.Storage;

namespace Cloister.Storage.Volumes;

/// <summary>Single transfers of the fixed parts, where speed doesn't matter.</summary>
internal static class BlockTransfer
{
    public static void Read(IBlockDevice device, long block, byte[] into, string what)
    {
        var batch = new BlockBatch(1);
        batch.AddRead(block, into);
        device.Submit(batch);
        Errno error = device.Wait(batch);
        if (error != Errno.Success)
            throw new VolumeException(Errno.EIO, $"The host couldn't read the {what} at block {block} ({error}).");
    }

    public static void Write(IBlockDevice device, long block, Memory<byte> from, string what)
    {
        var batch = new BlockBatch(1);
        batch.AddWrite(block, from);
        device.Submit(batch);
        Errno error = device.Wait(batch);
        if (error != Errno.Success)
            throw new VolumeException(Errno.EIO, $"The host couldn't write the {what} at block {block} ({error}).");
    }

    public static void Flush(IBlockDevice device)
    {
        Errno error = device.Flush();
        if (error != Errno.Success)
            throw new VolumeException(Errno.EIO, $"The host couldn't flush ({error}).");
    }
}
