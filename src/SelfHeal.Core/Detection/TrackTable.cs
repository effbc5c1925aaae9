using System.Numerics;
using System.Runtime.InteropServices;

namespace SelfHeal.Core.Detection;

/// <summary>
/// The counts of every series that detection watches, as struct of arrays: a column for each of the last blocks, and
/// the running sums of the windows over them, which one vector pass moves by a block.
/// </summary>
internal sealed class TrackTable
{
    /// <summary>The blocks of the longest window, and as many again that it has left behind and that are still to be
    /// learned from.</summary>
    public const int RingBlocks = 25;

    // A block's count beyond this is cut, so that a window of twelve fits 32 bits: 60 million requests a second.
    private const long CountMax = uint.MaxValue / 13;
    private readonly uint[][] _events = new uint[RingBlocks][];
    private readonly uint[][] _totals = new uint[RingBlocks][];
    private readonly uint[][] _windowEvents = new uint[LookSchedule.WindowCount][];
    private readonly uint[][] _windowTotals = new uint[LookSchedule.WindowCount][];
    private readonly long[] _sequences = new long[RingBlocks];
    private int[] _scopes = new int[64];
    private byte[] _rows = new byte[64];
    private bool[] _falls = new bool[64];
    private bool[] _needsHistory = new bool[64];
    private bool[] _isKnown = new bool[64];
    private long _sequence = -1;

    public TrackTable()
    {
        foreach (var columns in new[] { _events, _totals, _windowEvents, _windowTotals })
        {
            for (var i = 0; i < columns.Length; i++)
                columns[i] = new uint[64];
        }

        Array.Fill(_sequences, -1);
    }

    public int Count { get; private set; }

    /// <summary>The number of tracks that fit before arrays grow; other tables of the same tracks follow it.</summary>
    public int Capacity => _scopes.Length;

    public int ScopeOf(int track) => _scopes[track];

    public int RowOf(int track) => _rows[track];

    public SignalPair PairOf(int track) => SignalPair.Table[_rows[track]];

    /// <summary>As <see cref="SignalPair.Falls"/>.</summary>
    public bool Falls(int track) => _falls[track];

    /// <summary>As <see cref="SignalPair.NeedsHistory"/>.</summary>
    public bool NeedsHistory(int track) => _needsHistory[track];

    /// <summary>Whether the series' scope reported in the newest block.</summary>
    public bool IsKnown(int track) => _isKnown[track];

    public long Events(int track, int window) => _windowEvents[window][track];

    public long Total(int track, int window) => _windowTotals[window][track];

    /// <summary>Events of every series in a window.</summary>
    public ReadOnlySpan<uint> WindowEvents(int window) => _windowEvents[window].AsSpan(0, Count);

    /// <summary>Events of every series in a block; empty where the block is not kept.</summary>
    public uint[] BlockEvents(long sequence) => IsKept(sequence) ? _events[Slot(sequence)] : [];

    /// <summary>Trials of every series in a block; empty where the block is not kept.</summary>
    public uint[] BlockTotals(long sequence) => IsKept(sequence) ? _totals[Slot(sequence)] : [];

    /// <summary>The counts of a block that is still kept; (0, 0) of any other.</summary>
    public (long Events, long Total) At(int track, long sequence)
    {
        var slot = Slot(sequence);
        return IsKept(sequence) ? (_events[slot][track], _totals[slot][track]) : (0, 0);
    }

    public int Add(int scope, int row)
    {
        if (Count == Capacity)
            Grow();
        _scopes[Count] = scope;
        _rows[Count] = (byte)row;
        _falls[Count] = SignalPair.Table[row].Falls;
        _needsHistory[Count] = SignalPair.Table[row].NeedsHistory;
        return Count++;
    }

    /// <summary>Forgets all counts: the blocks that follow do not join those before.</summary>
    public void Restart()
    {
        Array.Fill(_sequences, -1);
        foreach (var columns in new[] { _events, _totals, _windowEvents, _windowTotals })
        {
            foreach (var column in columns)
                Array.Clear(column);
        }
    }

    /// <summary>Begins a block: its column is empty, whatever stood in it.</summary>
    public void Begin(long sequence)
    {
        Invariant.Assert(sequence > _sequence, "Blocks come in order");
        _sequence = sequence;
        var slot = Slot(sequence);
        _sequences[slot] = sequence;
        _events[slot].AsSpan(0, Count).Clear();
        _totals[slot].AsSpan(0, Count).Clear();
        _isKnown.AsSpan(0, Count).Clear();
    }

    /// <summary>What one series counted in the block; a series that did not report is not set.</summary>
    public void Set(int track, long events, long total)
    {
        // Hot path: allocation-free.
        var slot = Slot(_sequence);
        _events[slot][track] = (uint)Math.Min(events, CountMax);
        _totals[slot][track] = (uint)Math.Min(total, CountMax);
        _isKnown[track] = true;
    }

    /// <summary>Ends the block: every window moves by it.</summary>
    public void End()
    {
        // Hot path: allocation-free.
        var newest = Slot(_sequence);
        for (var window = 0; window < LookSchedule.WindowCount; window++)
        {
            var leaving = _sequence - LookSchedule.Windows[window];
            var slot = Slot(leaving);
            Move(_windowEvents[window], _events[newest], IsKept(leaving) ? _events[slot] : null);
            Move(_windowTotals[window], _totals[newest], IsKept(leaving) ? _totals[slot] : null);
        }
    }

    private static int Slot(long sequence) => (int)((sequence + RingBlocks) % RingBlocks);

    private bool IsKept(long sequence) => sequence >= 0 && _sequences[Slot(sequence)] == sequence;

    private void Move(uint[] sums, uint[] entering, uint[]? leaving)
    {
        // Whole vectors over the capacity, which is a multiple of any vector's width.
        var target = MemoryMarshal.Cast<uint, Vector<uint>>(sums.AsSpan());
        var plus = MemoryMarshal.Cast<uint, Vector<uint>>(entering.AsSpan());
        var count = (Count + Vector<uint>.Count - 1) / Vector<uint>.Count;
        if (leaving is null)
        {
            for (var i = 0; i < count; i++)
                target[i] += plus[i];
            return;
        }

        var minus = MemoryMarshal.Cast<uint, Vector<uint>>(leaving.AsSpan());
        for (var i = 0; i < count; i++)
            target[i] += plus[i] - minus[i];
    }

    private void Grow()
    {
        var length = Capacity * 2;
        Array.Resize(ref _scopes, length);
        Array.Resize(ref _rows, length);
        Array.Resize(ref _falls, length);
        Array.Resize(ref _needsHistory, length);
        Array.Resize(ref _isKnown, length);
        foreach (var columns in new[] { _events, _totals, _windowEvents, _windowTotals })
        {
            for (var i = 0; i < columns.Length; i++)
                Array.Resize(ref columns[i], length);
        }
    }
}
