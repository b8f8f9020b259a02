namespace Cloister.Monitor.Enclaves;

/// <summary>Results of Keystone's calls, with the numbers of its interface.</summary>
internal enum KeystoneError : ulong
{
    Success = 0,
    InvalidId = 100001,
    Interrupted = 100002,
    ProtectionFailure = 100003,
    NotDestroyable = 100005,
    RegionOverlaps = 100006,
    NotAccessible = 100007,
    IllegalArgument = 100008,
    NotRunning = 100009,
    NotResumable = 100010,
    EdgeCallHost = 100011,
    NoFreeResource = 100013,
    Prohibited = 100014,
    NotFresh = 100016,
    Deprecated = 100099,
    NotImplemented = 100100,
}
