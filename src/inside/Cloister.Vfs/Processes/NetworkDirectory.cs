using System;
using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Network;
using Cloister.Vfs.Core;

namespace Cloister.Vfs.Processes;

/// <summary>/proc/PID/net: tables of the network, with their headers.</summary>
internal sealed class NetworkDirectory : Inode
{
    private static readonly (byte[] Name, byte[] Text)[] Files =
    [
        ("arp"u8.ToArray(), "IP address       HW type     Flags       HW address            Mask     Device\n"u8.ToArray()),
        ("dev"u8.ToArray(), "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n"u8.ToArray()),
        ("if_inet6"u8.ToArray(), []),
        ("raw"u8.ToArray(), "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n"u8.ToArray()),
        ("route"u8.ToArray(), "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT                                                       \n"u8.ToArray()),
        ("tcp"u8.ToArray(), "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n"u8.ToArray()),
        ("tcp6"u8.ToArray(), "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"u8.ToArray()),
        ("udp"u8.ToArray(), "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops             \n"u8.ToArray()),
        ("udp6"u8.ToArray(), "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n"u8.ToArray()),
        ("unix"u8.ToArray(), "Num       RefCount Protocol Flags    Type St Inode Path\n"u8.ToArray()),
    ];

    public NetworkDirectory(FileSystem fileSystem, ulong number)
        : base(fileSystem, FileModes.S_IFDIR | 0x16D, 0, 0, number) => LinkCount = 2;

    public override Errno Lookup(ICaller caller, Dentry directory, ReadOnlySpan<byte> name, uint hash, out Dentry? child)
    {
        child = null;
        for (int i = 0; i < Files.Length; i++)
        {
            if (!name.SequenceEqual(Files[i].Name))
                continue;
            byte[] text = Files[i].Text;
            byte[] file = Files[i].Name;
            var inode = new GeneratedInode(FileSystem, NumberOf(i), 0x124, 0, 0, (_, writer) => Write(writer, file, text)) { IsSplicable = false };
            child = new Dentry(directory, Files[i].Name, hash, inode);
        }

        return Errno.Success;
    }

    public override bool NextEntry(ICaller caller, Dentry directory, ref long position, Span<byte> nameBuffer, out ListedEntry entry)
    {
        entry = default;
        int index = (int)(position - 2);
        if (index >= Files.Length)
            return false;
        Files[index].Name.CopyTo(nameBuffer);
        entry = new ListedEntry(NumberOf(index), FileModes.S_IFREG, Files[index].Name.Length);
        position++;
        return true;
    }

    private Errno Write(ByteWriter writer, byte[] file, byte[] header)
    {
        VirtualFileSystem vfs = FileSystem.Vfs;
        writer.Write(header);
        ReadOnlySpan<byte> name = file;
        if (name.SequenceEqual("unix"u8))
            vfs.DescribeSockets(writer);
        else if (name.SequenceEqual("tcp"u8) || name.SequenceEqual("tcp6"u8))
            NetworkText.WriteSockets(writer, vfs.Network, NetworkProtocol.Tcp, name.Length == 4);
        else if (name.SequenceEqual("udp"u8) || name.SequenceEqual("udp6"u8))
            NetworkText.WriteSockets(writer, vfs.Network, NetworkProtocol.Udp, name.Length == 4);
        else if (name.SequenceEqual("dev"u8))
            NetworkText.WriteInterfaces(writer, vfs.Network);
        else if (name.SequenceEqual("if_inet6"u8))
            NetworkText.WriteAddresses(writer, vfs.Network);
        else if (name.SequenceEqual("route"u8))
            NetworkText.WriteRoutes(writer, vfs.Network);
        return Errno.Success;
    }

    // The network is the same for all processes, and so are its files.
    private static ulong NumberOf(int index) => ProcessFileSystem.FirstProcessInode - 100 + (ulong)(uint)index;
}
