using System;
using System.Security.Cryptography;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts.Storage;
using Cloister.Crypto;

namespace Cloister.Bench.Storage;

/// <summary>What every measurement needs.</summary>
internal static class Setup
{
    public static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    public static readonly byte[] SecondKey = RandomNumberGenerator.GetBytes(32);

    public static readonly NewInode Root = new(0x1ED, 0, 0);

    public static ulong MakeFile(IFileStore files, string name)
    {
        Check(files.Create(IFileStore.RootInode, System.Text.Encoding.UTF8.GetBytes(name), new NewInode(FileModes.S_IFREG | 0x1A4, 0, 0), 1, out StoredAttributes attributes));
        return attributes.Inode;
    }

    public static void Check(Errno error)
    {
        if (error != Errno.Success)
            throw new InvalidOperationException($"The volume answered {error}.");
    }

    /// <summary>Entropy of this machine.</summary>
    public sealed class Entropy : IEntropySource
    {
        public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
    }
}
