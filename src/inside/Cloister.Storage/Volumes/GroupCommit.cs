using System;
using System.Collections.Generic;
using System.Threading;
using Cloister.Abi;
using Cloister.Contracts.Storage;

namespace Cloister.Storage.Volumes;

/// <summary>
/// Threads that want to be durable at the same time share a commit. One of them leads: it waits a moment for those that took part
/// in the last commit, since each that comes too late costs one of its own, and commits for all. The others sleep.
/// </summary>
internal sealed class GroupCommit
{
    // About a flush of a fast disk. Lost where nobody comes; then fewer are expected the next time.
    private const long GatheringNanoseconds = 500_000;

    private readonly Func<ISleeper> _createSleeper;
    private readonly Func<ulong, Errno> _commit;
    private readonly Func<ulong> _newestOperation;
    private readonly Stack<Member> _idle = new();
    private List<Member> _group = [];
    private List<Member> _served = [];
    private Member? _leader;
    private bool _isGathering;
    private int _expected;

    /// <summary>Makes a group without members.</summary>
    /// <param name="createSleeper">Makes something to sleep on.</param>
    /// <param name="commit">Makes operations durable up to one.</param>
    /// <param name="newestOperation">The newest operation.</param>
    public GroupCommit(Func<ISleeper> createSleeper, Func<ulong, Errno> commit, Func<ulong> newestOperation)
    {
        _createSleeper = createSleeper;
        _commit = commit;
        _newestOperation = newestOperation;
    }

    // Guards all fields. A leaf: nothing else is locked with it held.
    private Lock Lock { get; } = new();

    /// <summary>Makes everything durable that was done before the call.</summary>
    public Errno Synchronize()
    {
        Member member;
        bool leads;
        lock (Lock)
        {
            member = _idle.TryPop(out Member? pooled) ? pooled : new Member(_createSleeper());
            member.State = MemberState.Waiting;
            _group.Add(member);
            leads = _leader is null;
            if (leads)
                _leader = member;
            else if (_isGathering && _group.Count >= _expected)
                _leader!.Sleeper.Wake();
        }

        while (!leads && member.State == MemberState.Waiting)
            member.Sleeper.Sleep(long.MaxValue);
        if (leads || member.State == MemberState.Leading)
            Lead(member);
        Errno error = member.Result;
        lock (Lock)
            _idle.Push(member);
        return error;
    }

    private void Lead(Member leader)
    {
        Errno error = Errno.EIO;
        List<Member> members;
        try
        {
            bool gathers;
            lock (Lock)
            {
                gathers = _group.Count < _expected;
                _isGathering = gathers;
            }

            if (gathers)
                leader.Sleeper.Sleep(GatheringNanoseconds);
        }
        finally
        {
            // Whatever happens, nobody sleeps for ever.
            lock (Lock)
            {
                _isGathering = false;
                members = _group;
                _group = _served;
                _served = members;
            }

            try
            {
                // Read after the group was closed: what its members did lies before.
                error = _commit(_newestOperation());
            }
            finally
            {
                End(leader, members, error);
            }
        }
    }

    private void End(Member leader, List<Member> members, Errno error)
    {
        Member? next = null;
        lock (Lock)
        {
            // Who was served comes again, and who came meanwhile is here.
            _expected = members.Count + _group.Count;
            if (_group.Count > 0)
            {
                next = _group[0];
                next.State = MemberState.Leading;
            }

            _leader = next;
            foreach (Member member in members)
            {
                member.Result = error;
                if (member == leader)
                    continue;
                member.State = MemberState.Served;
                member.Sleeper.Wake();
            }

            members.Clear();
        }

        next?.Sleeper.Wake();
    }

    private enum MemberState
    {
        Waiting,
        Leading,
        Served,
    }

    private sealed class Member(ISleeper sleeper)
    {
        private volatile MemberState _state;

        public MemberState State
        {
            get => _state;
            set => _state = value;
        }

        public ISleeper Sleeper { get; } = sleeper;

        public Errno Result { get; set; }
    }
}
