namespace System;

/// <summary>An integer of any size, in 32-bit words from the lowest.</summary>
internal sealed class Natural
{
    private uint[] _words;
    private int _count;

    public Natural(ulong value)
    {
        _words = [(uint)value, (uint)(value >> 32), 0, 0];
        _count = value >> 32 != 0 ? 2 : value != 0 ? 1 : 0;
    }

    public Natural Copy() => new(0) { _words = (uint[])_words.Clone(), _count = _count };

    private void Reserve(int count)
    {
        if (_words.Length < count)
            Array.Resize(ref _words, count * 2);
    }

    public void Multiply(uint factor)
    {
        ulong carry = 0;
        for (int i = 0; i < _count; i++)
        {
            carry += (ulong)_words[i] * factor;
            _words[i] = (uint)carry;
            carry >>= 32;
        }

        Reserve(_count + 1);
        if (carry != 0)
            _words[_count++] = (uint)carry;
    }

    public void ShiftLeft(int bits)
    {
        int whole = bits / 32;
        if (whole > 0 && _count > 0)
        {
            Reserve(_count + whole);
            for (int i = _count - 1; i >= 0; i--)
                _words[i + whole] = _words[i];
            for (int i = 0; i < whole; i++)
                _words[i] = 0;
            _count += whole;
        }

        Multiply(1u << (bits % 32));
    }

    public void Add(Natural other)
    {
        int count = Math.Max(_count, other._count);
        Reserve(count + 1);
        ulong carry = 0;
        for (int i = 0; i < count; i++)
        {
            carry += (i < _count ? _words[i] : 0ul) + (i < other._count ? other._words[i] : 0ul);
            _words[i] = (uint)carry;
            carry >>= 32;
        }

        _count = count;
        if (carry != 0)
            _words[_count++] = (uint)carry;
    }

    public void Subtract(Natural other)
    {
        long borrow = 0;
        for (int i = 0; i < _count; i++)
        {
            borrow += (long)_words[i] - (i < other._count ? other._words[i] : 0);
            _words[i] = (uint)borrow;
            borrow >>= 32;
        }

        while (_count > 0 && _words[_count - 1] == 0)
            _count--;
    }

    public int CompareTo(Natural other)
    {
        if (_count != other._count)
            return _count < other._count ? -1 : 1;
        for (int i = _count - 1; i >= 0; i--)
            if (_words[i] != other._words[i])
                return _words[i] < other._words[i] ? -1 : 1;
        return 0;
    }

    public int BitLength => _count == 0 ? 0 : 32 * _count - Numerics.BitOperations.LeadingZeroCount(_words[_count - 1]);

    public bool IsZero => _count == 0;

    public void Add(uint value) => Add(new Natural(value));
}
