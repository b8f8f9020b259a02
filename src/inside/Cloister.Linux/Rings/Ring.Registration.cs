using System.Collections.Generic;
using Cloister.Abi;
using Cloister.Abi.Rings;
using Cloister.Contracts.Files;

namespace Cloister.Linux.Rings;

// What is registered with the instance (io_uring_register(2)).
internal sealed partial class Ring
{
    private const int PersonalityWeight = 64;

    private readonly Dictionary<ushort, Identity.Identity> _personalities = [];
    private ushort _lastPersonality;
    private RingRestrictions? _restrictions;

    /// <summary>Whether an operation may be submitted (IORING_REGISTER_RESTRICTIONS).</summary>
    public bool MayDo(RingOperation operation, SubmissionFlags flags) => _restrictions?.MayDo(operation, flags) ?? true;

    /// <summary>Whether something may be registered.</summary>
    public bool MayRegister(RingRegistration operation) => IsDisabled || (_restrictions?.MayRegister(operation) ?? true);

    /// <summary>Sets restrictions, once.</summary>
    public Errno Restrict(RingRestrictions restrictions)
    {
        if (!IsDisabled)
            return Errno.EBADFD;
        if (_restrictions is not null)
            return Errno.EBUSY;
        _restrictions = restrictions;
        return Errno.Success;
    }

    /// <summary>Keeps the rights of a thread for submissions that name them.</summary>
    /// <returns>Their number.</returns>
    public SyscallResult AddPersonality(Identity.Identity identity)
    {
        using (_lock.Enter())
        {
            if (_personalities.Count == ushort.MaxValue || !_account.TryTake(PersonalityWeight))
                return Errno.ENOMEM;
            do
            {
                _lastPersonality++;
            }
            while (_lastPersonality == 0 || _personalities.ContainsKey(_lastPersonality));
            _personalities.Add(_lastPersonality, identity);
            return (int)_lastPersonality;
        }
    }

    /// <summary>Forgets them.</summary>
    public Errno RemovePersonality(uint number)
    {
        using (_lock.Enter())
        {
            if (number > ushort.MaxValue || !_personalities.Remove((ushort)number))
                return Errno.EINVAL;
            _account.Give(PersonalityWeight);
            return Errno.Success;
        }
    }

    /// <summary>Rights by their number.</summary>
    public Identity.Identity? FindPersonality(ushort number)
    {
        using (_lock.Enter())
            return _personalities.GetValueOrDefault(number);
    }

    /// <summary>Lets an eventfd hear of completions.</summary>
    /// <param name="file">The file, whose reference is taken over.</param>
    /// <param name="onlyLater">Whether only those count that don't come within the call that submitted.</param>
    public Errno SetEventFile(IOpenFile file, bool onlyLater)
    {
        using (_lock.Enter())
        {
            if (_eventFile is null)
            {
                _eventFile = file;
                _signalsOnlyLater = onlyLater;
                return Errno.Success;
            }
        }

        file.Release();
        return Errno.EBUSY;
    }

    /// <summary>Ends that.</summary>
    public Errno ClearEventFile()
    {
        IOpenFile? file;
        using (_lock.Enter())
        {
            file = _eventFile;
            _eventFile = null;
        }

        file?.Release();
        return file is null ? Errno.ENXIO : Errno.Success;
    }

    private void ReleaseRegistrations()
    {
        UnregisterFiles(null);
        UnregisterBuffers(null);
        ClearEventFile();
        using (_lock.Enter())
        {
            foreach (RingBufferGroup group in _groups.Values)
                group.Remove(int.MaxValue);
            _account.Give(_groups.Count * (long)GroupWeight + _personalities.Count * (long)PersonalityWeight);
            _groups.Clear();
            _personalities.Clear();
        }
    }
}
