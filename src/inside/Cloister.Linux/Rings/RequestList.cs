namespace Cloister.Linux.Rings;

/// <summary>Requests in a row, by their task links.</summary>
internal struct RequestList
{
    private RingRequest? _first;
    private RingRequest? _last;

    /// <summary>Whether there are none.</summary>
    public readonly bool IsEmpty => _first is null;

    /// <summary>Adds one at the end.</summary>
    public void Add(RingRequest request)
    {
        request.NextTask = null;
        if (_last is null)
            _first = request;
        else
            _last.NextTask = request;
        _last = request;
    }

    /// <summary>Takes the first; null where there is none.</summary>
    public RingRequest? TakeFirst()
    {
        RingRequest? first = _first;
        if (first is not null)
            Remove(first);
        return first;
    }

    /// <summary>Takes one out, if it is here.</summary>
    public void Remove(RingRequest request)
    {
        RingRequest? before = null;
        for (RingRequest? at = _first; at is not null; before = at, at = at.NextTask)
        {
            if (at != request)
                continue;
            if (before is null)
                _first = at.NextTask;
            else
                before.NextTask = at.NextTask;
            if (_last == at)
                _last = before;
            at.NextTask = null;
            return;
        }
    }
}
