using System.Numerics;
using System.Runtime.InteropServices;

namespace SelfHeal.Core.Series;

/// <summary>
/// The open block and the ring of closed blocks, of all scopes together: each block is one row, and each stat of each
/// scope has one slot in every row. A block is closed by narrowing one row into another, whatever the number of scopes.
/// Closed counts have 32 bits and saturate: 4 thousand million events of one stat in one flush are beyond any gateway,
/// and half the memory is not.
/// </summary>
internal sealed class BlockRing(int capacity)
{
    private readonly uint[][] _rows = NewRows<uint>(capacity);
    private readonly byte[][] _reportedRows = NewRows<byte>(capacity);
    private long[] _open = new long[1024];
    private byte[] _openReported = new byte[64];
    private bool[] _isGaugeOpen = new bool[1024];
    private bool[] _isGaugeKnown = new bool[1024];
    private long[] _gauges = new long[1024];
    private int[] _openGauges = new int[64];
    private int _openGaugeCount;
    private int _scopes;
    private int _slots;

    /// <summary>How many blocks are kept.</summary>
    public int Capacity => _rows.Length;

    /// <summary>The open block, by slot.</summary>
    public long[] Open => _open;

    /// <summary>1 for each scope that reported in the open block.</summary>
    public byte[] OpenReported => _openReported;

    /// <summary>Gives a new scope its slots; scopes are numbered in the order of these calls.</summary>
    /// <returns>The first slot.</returns>
    public int AddScope(int stats)
    {
        var first = _slots;
        _slots += stats;
        if (_slots > _open.Length)
        {
            // A quarter more at a time: the rows follow this length, and there are many of them.
            var length = _slots + (_slots / 4);
            Array.Resize(ref _open, length);
            Array.Resize(ref _isGaugeOpen, length);
            Array.Resize(ref _isGaugeKnown, length);
            Array.Resize(ref _gauges, length);
        }

        if (++_scopes > _openReported.Length)
            Array.Resize(ref _openReported, _scopes * 2);
        return first;
    }

    public void SetGauge(int slot, GaugeCombine combine, long value)
    {
        ref var open = ref _open[slot];
        if (!_isGaugeOpen[slot])
        {
            _isGaugeOpen[slot] = true;
            if (_openGaugeCount == _openGauges.Length)
                Array.Resize(ref _openGauges, _openGaugeCount * 2);
            _openGauges[_openGaugeCount++] = slot;
            open = value;
            return;
        }

        open = combine switch
        {
            GaugeCombine.Sum => open + value,
            GaugeCombine.Largest => Math.Max(open, value),
            _ => Math.Min(open, value),
        };
    }

    /// <summary>Moves the open block into the ring.</summary>
    public void Close(long sequence)
    {
        // Hot path: allocation-free once the rows have grown to the number of scopes.
        for (var i = 0; i < _openGaugeCount; i++)
        {
            var slot = _openGauges[i];
            _gauges[slot] = _open[slot];
            _isGaugeKnown[slot] = true;
            _isGaugeOpen[slot] = false;
        }

        _openGaugeCount = 0;
        var place = Place(sequence);
        if (_rows[place].Length < _slots)
            _rows[place] = new uint[_open.Length];
        Narrow(_open.AsSpan(0, _slots), _rows[place]);
        _open.AsSpan(0, _slots).Clear();
        if (_reportedRows[place].Length < _scopes)
            _reportedRows[place] = new byte[_openReported.Length];
        _openReported.AsSpan(0, _scopes).CopyTo(_reportedRows[place]);
        _openReported.AsSpan(0, _scopes).Clear();
    }

    /// <summary>A kept block, by slot; a slot beyond its end is of a scope that came later.</summary>
    public ReadOnlySpan<uint> Row(long sequence) => _rows[Place(sequence)];

    /// <summary>Whether a scope reported in a kept block.</summary>
    public bool IsReported(int scope, long sequence)
    {
        var row = _reportedRows[Place(sequence)];
        return scope < row.Length && row[scope] != 0;
    }

    /// <summary>The newest value of a gauge in a closed block.</summary>
    public bool TryGetGauge(int slot, out long value)
    {
        value = _gauges[slot];
        return _isGaugeKnown[slot];
    }

    private static T[][] NewRows<T>(int count)
    {
        var rows = new T[count][];
        Array.Fill(rows, []);
        return rows;
    }

    private static void Narrow(ReadOnlySpan<long> from, Span<uint> to)
    {
        var largest = new Vector<long>(uint.MaxValue);
        var wide = MemoryMarshal.Cast<long, Vector<long>>(from);
        var narrow = MemoryMarshal.Cast<uint, Vector<uint>>(to);
        var done = 0;
        for (var i = 0; i + 1 < wide.Length; i += 2)
        {
            var low = Vector.Max(Vector<long>.Zero, Vector.Min(wide[i], largest));
            var high = Vector.Max(Vector<long>.Zero, Vector.Min(wide[i + 1], largest));
            narrow[i / 2] = Vector.Narrow(Vector.AsVectorUInt64(low), Vector.AsVectorUInt64(high));
            done += Vector<uint>.Count;
        }

        for (; done < from.Length; done++)
            to[done] = (uint)Math.Clamp(from[done], 0, uint.MaxValue);
    }

    private int Place(long sequence) => (int)(sequence % _rows.Length);
}
