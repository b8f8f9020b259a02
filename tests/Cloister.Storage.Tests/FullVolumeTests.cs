using System;
using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Cloister.Storage.Devices;
using Cloister.Storage.Volumes;

namespace Cloister.Storage.Tests;

/// <summary>Volumes that are full: they can be mounted, emptied, grown, and whatever is given up is found again, to the block.</summary>
public sealed class FullVolumeTests
{
    private static readonly int s_seeds = Campaign.Size(byDay: 200, byNight: 10_000);

    [Fact]
    public void AVolumeFullOfSmallFilesCanBeChangedBelowASnapshot()
    {
        IBlockDevice device = Support.NewVolume(4096);
        Volume volume = Support.Open(device);
        List<string> names = Fill(volume, 2000);
        // Where changing what is shared would find no room, the snapshot is refused, not the changes.
        Errno snapshot = volume.CreateSnapshot("s", 1);
        Assert.True(snapshot is Errno.Success or Errno.ENOSPC);
        for (int round = 0; round < 3; round++)
        {
            foreach (string name in names)
                Assert.Equal(Errno.Success, SetMode(volume.Files, volume.Files.Find(1, name), (uint)(0x180 + round)));
            Assert.Equal(Errno.Success, volume.Files.Synchronize());
        }

        Assert.Equal(Errno.Success, volume.Close());
        volume = Support.Open(device, seed: 3);
        foreach (string name in names)
            Assert.Equal(Errno.Success, volume.Files.Unlink(1, Support.Name(name), 1));
        if (snapshot == Errno.Success)
            Assert.Equal(Errno.Success, volume.RemoveBranch("s"));
        AssertEmpty(volume, device);
    }

    [Fact]
    public void ManySnapshotsOfAFullVolumeNeverStopIt()
    {
        IBlockDevice device = Support.NewVolume(4096);
        Volume volume = Support.Open(device);
        List<string> names = Fill(volume, 900, most: 1500);
        int snapshots = 0;
        for (int round = 0; round < 12; round++)
        {
            snapshots += volume.CreateSnapshot($"s{round}", 1) == Errno.Success ? 1 : 0;
            foreach (string name in names)
                Assert.Equal(Errno.Success, SetMode(volume.Files, volume.Files.Find(1, name), (uint)(0x180 + (round & 7))));
            Assert.Equal(Errno.Success, volume.Files.Synchronize());
        }

        Assert.InRange(snapshots, 2, 11);
        volume.Abandon();
        volume = Support.Open(device, seed: 3);
        foreach (BranchInformation branch in volume.Branches)
            Assert.Equal(Errno.Success, volume.RemoveBranch(branch.Name));
        foreach (string name in names)
            Assert.Equal(Errno.Success, volume.Files.Unlink(1, Support.Name(name), 1));
        AssertEmpty(volume, device);
    }

    [Fact]
    public void LongerNamesAreRefusedBeforeTheIndexHasNoRoom()
    {
        IBlockDevice device = Support.NewVolume(2048);
        Volume volume = Support.Open(device);
        List<string> names = Fill(volume, 100);
        int refused = 0;
        foreach (string name in names)
        {
            Errno error = volume.Files.Rename(1, Support.Name(name), 1, Support.Name(name + new string('x', 240)), RenameFlags.None, 1);
            Assert.True(error is Errno.Success or Errno.ENOSPC, error.ToString());
            refused += error == Errno.ENOSPC ? 1 : 0;
        }

        Assert.True(refused > 0);
        Assert.Null(volume.Failure);
        volume.Abandon();
        volume = Support.Open(device, seed: 3);
        Empty(volume.Files, 1);
        AssertEmpty(volume, device);
    }

    [Fact]
    public void SpaceOfARemovedSnapshotIsFree()
    {
        IBlockDevice device = Support.NewVolume(4096);
        Volume volume = Support.Open(device);
        ulong file = volume.Files.MakeFile(1, "big");
        for (int i = 0; i < 8; i++)
            volume.Files.WriteAll(file, (long)i << 20, Support.Pattern(i, 1 << 20));
        Assert.Equal(Errno.Success, volume.CreateSnapshot("s", 1));
        Assert.Equal(Errno.Success, volume.Files.Unlink(1, "big"u8, 1));
        Assert.Equal(Errno.Success, volume.RemoveBranch("s"));
        AssertEmpty(volume, device);
    }

    [Fact]
    public void AFailingWriteDoesNotWearOutTheDisk()
    {
        IBlockDevice device = Support.NewVolume(2048);
        Volume volume = Support.Open(device);
        ulong file = volume.Files.MakeFile(1, "big");
        long offset = 0;
        while (volume.Files.Write(file, offset, new byte[4096], 1, out int count) == Errno.Success)
            offset += count;
        Assert.Equal(Errno.Success, volume.Files.Synchronize());
        long before = device.Counters.WrittenBytes;
        for (int i = 0; i < 1000; i++)
            Assert.Equal(Errno.ENOSPC, volume.Files.Write(file, offset, new byte[4096], 1, out _));
        Assert.InRange(device.Counters.WrittenBytes - before, 0, 1 << 20);
        Assert.Equal(Errno.Success, volume.Close());
    }

    [Fact]
    public void FilledToTheBrimAVolumeCanBeEmptied()
    {
        for (int seed = Campaign.Seed + 1; seed <= Campaign.Seed + s_seeds; seed++)
        {
            try
            {
                RunToTheBrim(seed);
            }
            catch (Exception e)
            {
                Assert.Fail($"Seed {seed}: {e}");
            }
        }
    }

    private static void RunToTheBrim(int seed)
    {
        var random = new Random(seed);
        int mebibytes = Campaign.IsNightly ? random.Next(8, 257) : random.Next(4, 17);
        IBlockDevice device = Support.NewVolume(mebibytes * 256L, seed);
        VolumeOptions options = random.Next(2) == 0 ? Support.SmallOptions : new VolumeOptions { DeltaBytes = 1 << 20 };
        Volume volume = Support.Open(device, options, seed);
        var brim = new BrimWorkload(random);
        for (int round = 0; round < 6; round++)
        {
            brim.Fill(volume.Files, random.Next(200, 2000));
            switch (random.Next(6))
            {
                case 0:
                    Errno error = volume.CreateSnapshot("s" + round, 1);
                    Assert.True(error is Errno.Success or Errno.ENOSPC, error.ToString());
                    break;
                case 1:
                    error = volume.CreateClone("c" + round, null, 1);
                    Assert.True(error is Errno.Success or Errno.ENOSPC, error.ToString());
                    break;
                case 2:
                    Assert.Equal(Errno.Success, volume.Close());
                    volume = Support.Open(device, options, seed + round);
                    break;
                case 3:
                    volume.Files.Synchronize();
                    volume.Abandon();
                    volume = Support.Open(device, options, seed + round);
                    brim = new BrimWorkload(random);
                    break;
                default:
                    brim.Change(volume.Files, random.Next(100, 1000));
                    break;
            }

            Assert.Null(volume.Failure);
        }

        if (random.Next(2) == 0)
            volume.Close();
        volume.Abandon();
        volume = Support.Open(device, options, seed + 100);
        if (random.Next(2) == 0)
            Empty(volume.Files, 1);
        foreach (BranchInformation branch in volume.Branches)
            Assert.Equal(Errno.Success, volume.RemoveBranch(branch.Name));
        Empty(volume.Files, 1);
        AssertEmpty(volume, device);
    }

    private static List<string> Fill(Volume volume, int size, int most = int.MaxValue)
    {
        var names = new List<string>();
        byte[] content = Support.Pattern(1, size);
        for (int i = 0; i < most; i++)
        {
            string name = "f" + i;
            if (volume.Files.Create(1, Support.Name(name), Support.FileNode, 1, out StoredAttributes made) != Errno.Success)
                break;
            names.Add(name);
            if (volume.Files.Write(made.Inode, 0, content, 1, out _) != Errno.Success)
                break;
        }

        return names;
    }

    private static Errno SetMode(IFileStore files, ulong inode, uint mode) =>
        files.SetAttributes(inode, new AttributeChange { Mask = AttributeMask.Mode, Mode = mode }, 1, out _);

    private static void Empty(IFileStore files, ulong directory)
    {
        foreach (string name in files.List(directory))
        {
            ulong inode = files.Find(directory, name);
            Assert.Equal(Errno.Success, files.GetAttributes(inode, out StoredAttributes attributes));
            if (FileModes.IsDirectory(attributes.Mode))
            {
                Empty(files, inode);
                Assert.Equal(Errno.Success, files.RemoveDirectory(directory, Support.Name(name), 1));
                continue;
            }

            Assert.Equal(Errno.Success, files.Unlink(directory, Support.Name(name), 1));
        }
    }

    // As much is free as in a new volume of that size, once the tables have been compacted.
    private static void AssertEmpty(Volume volume, IBlockDevice device)
    {
        Assert.Equal(Errno.Success, volume.Compact());
        Support.AssertSound(volume);
        Volume other = Support.Open(Support.NewVolume(device.BlockCount));
        Assert.Equal(Errno.Success, other.Compact());
        Assert.Equal(other.GetStatistics().FreeBlocks, volume.GetStatistics().FreeBlocks);
        Assert.Equal(Errno.Success, volume.Close());
    }

    // Anything that takes or gives up room, on a volume that has none.
    private sealed class BrimWorkload(Random random)
    {
        private readonly List<(ulong Directory, string Name, ulong Inode)> _files = [];
        private int _next;

        public void Fill(IFileStore files, int most)
        {
            int refused = 0;
            int size = random.Next(4) switch { 0 => 100, 1 => 2000, 2 => 9000, _ => 60_000 };
            for (int i = 0; i < most && refused < 5; i++)
            {
                string name = $"{random.Next(1 << 20):x}-{_next++}";
                Errno error = files.Create(1, Support.Name(name), Support.FileNode, 1, out StoredAttributes made);
                if (Judge(error))
                {
                    refused++;
                    continue;
                }

                _files.Add((1, name, made.Inode));
                if (Judge(files.Write(made.Inode, 0, new byte[random.Next(1, size)], 1, out _)))
                    refused++;
            }
        }

        public void Change(IFileStore files, int count)
        {
            for (int i = 0; i < count && _files.Count > 0; i++)
            {
                int index = random.Next(_files.Count);
                (ulong directory, string name, ulong inode) = _files[index];
                switch (random.Next(8))
                {
                    case 0:
                        string longer = name.PadRight(random.Next(name.Length, 250), 'y');
                        if (!Judge(files.Rename(directory, Support.Name(name), directory, Support.Name(longer), RenameFlags.None, 1)))
                            _files[index] = (directory, longer, inode);
                        break;
                    case 1:
                        Assert.Equal(Errno.Success, SetMode(files, inode, (uint)random.Next(0x200)));
                        break;
                    case 2:
                        Judge(files.SetExtendedAttribute(inode, Support.Name("user." + random.Next(4)), new byte[random.Next(3000)], XattrFlags.None, 1));
                        break;
                    case 3:
                        Assert.Equal(Errno.Success, files.Unlink(directory, Support.Name(name), 1));
                        _files.RemoveAt(index);
                        break;
                    case 4:
                        Judge(files.Write(inode, random.Next(30_000), new byte[random.Next(1, 20_000)], 1, out _));
                        break;
                    case 5:
                        Judge(files.SetAttributes(inode, new AttributeChange { Mask = AttributeMask.Size, Size = random.Next(20_000) }, 1, out _));
                        break;
                    case 6:
                        Judge(files.Allocate(inode, FallocateMode.FALLOC_FL_PUNCH_HOLE | FallocateMode.FALLOC_FL_KEEP_SIZE, random.Next(20_000), random.Next(1, 9000), 1));
                        break;
                    default:
                        Errno error = files.RemoveExtendedAttribute(inode, Support.Name("user." + random.Next(4)), 1);
                        Assert.True(error is Errno.Success or Errno.ENODATA, error.ToString());
                        break;
                }
            }
        }

        // True where it was refused for want of room.
        private static bool Judge(Errno error)
        {
            Assert.True(error is Errno.Success or Errno.ENOSPC, error.ToString());
            return error == Errno.ENOSPC;
        }
    }
}
