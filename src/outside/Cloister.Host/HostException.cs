using System;

namespace Cloister.Host;

/// <summary>The launcher can't do what the user asked. The message is one sentence: what, where, and what to do.</summary>
public sealed class HostException : Exception
{
    /// <summary>Creates it.</summary>
    public HostException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with what it comes from.</summary>
    public HostException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
