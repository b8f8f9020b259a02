using Cloister.Host.Native;

namespace Cloister.Host;

/// <summary>Who runs the launcher.</summary>
public static class LauncherIdentity
{
    /// <summary>Effective user id.</summary>
    public static uint UserId => Libc.GetEUid();

    /// <summary>Effective group id.</summary>
    public static uint GroupId => Libc.GetEGid();
}
