using System;
using System.Collections.Generic;

namespace Cloister.Bench.Storage;

/// <summary>
/// What Intel's Protected FS writes, by the layout and the flush of its published sources: 4 KiB nodes, a 32-ary tree with 96
/// data nodes for each of its nodes, 3 KiB of data in the first node, and a recovery file with the old content of each node.
/// </summary>
internal static class ProtectedFileModel
{
    private const int DataPerTreeNode = 96;
    private const int Fanout = 32;
    private const int Node = 4096;
    private const int RecoveryRecord = 4104;

    /// <summary>Bytes written for each byte of random 4 KiB writes, with a flush after each.</summary>
    public static double WriteAmplification(long fileBytes, int writes)
    {
        var random = new Random(1);
        long bytes = 0;
        for (int i = 0; i < writes; i++)
        {
            long offset = random.NextInt64(fileBytes / Node) * Node;
            var tree = new HashSet<long>();
            int data = 0;
            // An aligned block lies in two data nodes, as the first 3072 bytes of the file are elsewhere.
            for (long node = Math.Max(0, offset - 3072) / Node; node <= (offset + Node - 1 - 3072) / Node; node++, data++)
            {
                for (long number = node / DataPerTreeNode; ; number = (number - 1) / Fanout)
                {
                    tree.Add(number);
                    if (number == 0)
                        break;
                }
            }

            int nodes = data + tree.Count;
            // The nodes, the first node twice (with and without the mark of an update), and all of them in the recovery file.
            bytes += (nodes + 2) * (long)Node + (nodes + 1) * (long)RecoveryRecord;
        }

        return bytes / ((double)writes * Node);
    }
}
