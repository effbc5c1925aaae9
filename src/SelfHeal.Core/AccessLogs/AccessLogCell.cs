using System.Numerics;

namespace SelfHeal.Core.AccessLogs;

/// <summary>The counts of one key in one interval, or their sum.</summary>
internal sealed class AccessLogCell
{
    private const int CodeClassCount = 6;

    private readonly long[] _classes = new long[CodeClassCount];

    // Most requests have no flag, so most cells never need it.
    private long[]? _flags;

    public long Requests { get; private set; }

    public void Add(uint flags, int codeClass, int requests)
    {
        Requests += requests;
        _classes[codeClass] += requests;
        for (var left = flags; left != 0; left &= left - 1)
            Flags()[BitOperations.TrailingZeroCount(left)] += requests;
    }

    public void Add(AccessLogCell other)
    {
        Requests += other.Requests;
        for (var i = 0; i < CodeClassCount; i++)
            _classes[i] += other._classes[i];
        if (other._flags is not { } flags)
            return;
        for (var i = 0; i < flags.Length; i++)
            Flags()[i] += flags[i];
    }

    public AccessLogRow ToRow(AccessLogKey key) => new(
        key,
        Requests,
        [.. _classes],
        _flags is not { } flags ? [] :
        [.. ResponseFlagCodes.All.Where(f => flags[(int)f] > 0).Select(f => new FlagCount(f, flags[(int)f]))]);

    private long[] Flags() => _flags ??= new long[32];
}
