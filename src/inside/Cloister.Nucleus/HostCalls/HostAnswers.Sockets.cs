using Cloister.Abi;
using Cloister.Abi.Files;
using Cloister.Contracts;
using Cloister.Contracts.Network;
using Cloister.Hal.HostProtocol;

namespace Cloister.Nucleus.HostCalls;

/// <summary>Answers about sockets.</summary>
internal static partial class HostAnswers
{
    /// <summary>What a socket can be ready for.</summary>
    public const PollEvents SocketReadiness = PollEvents.In | PollEvents.Out | PollEvents.Priority | PollEvents.Error | PollEvents.HangUp
        | PollEvents.ReadHangUp | PollEvents.ReadNormal | PollEvents.WriteNormal | PollEvents.WriteBand | PollEvents.ReadBand;

    /// <summary>More than a datagram can have.</summary>
    public const int LongestDatagram = 65_535;

    /// <summary>An address with a port: every one is possible, but for the range of the port.</summary>
    public static Errno CheckEndpoint(HostOperation operation, in CompletionEntry answer, SharedWindow data, out NetworkEndpoint endpoint)
    {
        endpoint = default;
        Errno error = HostErrors.Check(operation, answer.Error);

        // A connection that takes time has an address already.
        if (error is not (Errno.Success or Errno.EINPROGRESS))
            return error;
        return data.Read<EndpointRecord>().TryCheck(TryConvert, out endpoint) ? error : Errno.EIO;
    }

    /// <summary>The addresses of a connection that was accepted.</summary>
    public static Errno CheckAccepted(in CompletionEntry answer, SharedWindow data, out NetworkEndpoint local, out NetworkEndpoint remote)
    {
        remote = default;
        Errno error = CheckEndpoint(HostOperation.SocketAccept, answer, data, out local);
        if (error != Errno.Success)
            return error;
        return data.From(EndpointRecord.Length).Read<EndpointRecord>().TryCheck(TryConvert, out remote) ? Errno.Success : Errno.EIO;
    }

    /// <summary>A datagram, whose bytes are data of the program.</summary>
    public static Errno CheckDatagram(
        in CompletionEntry answer, SharedWindow data, int wanted, out int got, out int length, out HostDatagram about)
    {
        about = default;
        length = 0;
        Errno error = CheckCount(HostOperation.SocketReceive, answer, wanted, out got);
        if (error != Errno.Success)
            return error;
        if (!answer.Value.TryGet(got, LongestDatagram, out long whole) || !data.From(wanted).Read<DatagramRecord>().TryCheck(TryConvert, out about))
        {
            got = 0;
            return Errno.EIO;
        }

        length = (int)whole;
        return Errno.Success;
    }

    private static bool TryConvert(in DatagramRecord record, out HostDatagram about)
    {
        about = default;
        NetworkEndpoint remote = default;
        NetworkEndpoint local = default;
        bool hasRemote = (record.Parts & DatagramRecord.HasRemote) != 0;
        bool hasLocal = (record.Parts & DatagramRecord.HasLocal) != 0;
        bool isRight = (!hasRemote || TryConvert(record.Remote, out remote)) && (!hasLocal || TryConvert(record.Local, out local))
            && record.TimeToLive is >= -1 and <= 255 && record.TypeOfService is >= -1 and <= 255 && record.Interface >= -1;
        if (!isRight)
            return false;
        about = new HostDatagram
        {
            Remote = remote,
            HasRemote = hasRemote,
            Local = local.Address,
            HasLocal = hasLocal,
            Interface = record.Interface,
            TimeToLive = record.TimeToLive,
            TypeOfService = record.TypeOfService,
            Flags = (MessageFlags)record.Flags & (MessageFlags.MSG_TRUNC | MessageFlags.MSG_ERRQUEUE),
            Report = record.Report,
            ReportInformation = record.ReportInformation,
        };
        return true;
    }

    /// <summary>Readiness of a socket; an error of the request is POLLERR.</summary>
    public static PollEvents CheckReadiness(in CompletionEntry answer) =>
        HostErrors.Check(HostOperation.SocketPoll, answer.Error) == Errno.Success ? (PollEvents)answer.Flags.Masked((uint)SocketReadiness) : PollEvents.Error;

    /// <summary>An address as the host gets it.</summary>
    public static EndpointRecord ToRecord(in NetworkEndpoint endpoint) =>
        new() { High = endpoint.Address.High, Low = endpoint.Address.Low, Port = endpoint.Port, Scope = endpoint.Scope };

    /// <summary>A datagram's envelope as the host gets it.</summary>
    public static DatagramRecord ToRecord(in HostDatagram about) => new()
    {
        Remote = ToRecord(about.Remote),
        Local = ToRecord(new NetworkEndpoint(about.Local, 0)),
        Parts = (about.HasRemote ? DatagramRecord.HasRemote : 0) | (about.HasLocal ? DatagramRecord.HasLocal : 0),
        Interface = about.Interface,
        TimeToLive = about.TimeToLive,
        TypeOfService = about.TypeOfService,
    };

    private static bool TryConvert(in EndpointRecord record, out NetworkEndpoint endpoint)
    {
        endpoint = new NetworkEndpoint(new NetworkAddress(record.High, record.Low), (ushort)record.Port, record.Scope);
        return record.Port <= ushort.MaxValue;
    }
}
