using System.Text;
using SelfHeal.Core;
using SelfHeal.Core.Series;

namespace SelfHeal.Xds.Stats;

/// <summary>
/// All series that one stream has sent. Envoy repeats its families in nearly the same order at each flush, so every
/// series remembers which one followed it: the next lookup compares bytes with that one, and only a miss hashes. The
/// chain is circular: the last series of a flush remembers the first. It runs over all messages of a flush.
/// </summary>
internal sealed class SeriesTable
{
    /// <summary>The place of every series beyond the limit.</summary>
    public const int Overflowed = -1;

    /// <summary>Bytes of one name with its labels: five times the longest of Istio's; a longer one has no
    /// place.</summary>
    private const int NameLengthMax = 2_048;

    private readonly int _seriesMax;
    private readonly int _nameBytesMax;
    private Entry[] _entries = new Entry[1024];
    private int[] _buckets = new int[2048];
    private byte[] _names = new byte[64 * 1024];
    private int _nameBytes;
    private int _count;
    private int _previous = -1;

    public SeriesTable(MetricsStreamOptions options)
    {
        _seriesMax = options.SeriesMax;
        _nameBytesMax = options.NameBytesMax;
    }

    public SeriesCatalog Catalog { get; } = new();

    public int Count => _count;

    /// <summary>Lookups that the chain did not predict.</summary>
    public long Misses { get; private set; }

    /// <summary>The place of the series in the table, interned if it is new.</summary>
    /// <param name="key">The name, with labels behind it if there are any.</param>
    /// <param name="kind">Counter, gauge, histogram, ...: Envoy sends two families of the same name for a
    /// histogram.</param>
    /// <param name="nameLength">How many bytes of <paramref name="key"/> are the name.</param>
    public int Find(ReadOnlySpan<byte> key, byte kind, int nameLength)
    {
        // Hot path: allocation-free unless the series is new.
        if (_previous >= 0)
        {
            var predicted = _entries[_previous].Next;
            if (predicted >= 0 && Matches(predicted, key, kind))
            {
                _previous = predicted;
                return predicted;
            }
        }

        Misses++;
        var hash = Hash(key, kind);
        var place = _buckets[hash & (uint)(_buckets.Length - 1)] - 1;
        while (place >= 0 && !(_entries[place].Hash == hash && Matches(place, key, kind)))
            place = _entries[place].Chain;
        if (place < 0)
            place = Intern(key, kind, nameLength, hash);

        // A series without a place must not break the chain of those that have one.
        if (place == Overflowed)
            return place;
        if (_previous >= 0)
            _entries[_previous].Next = place;
        _previous = place;
        return place;
    }

    /// <summary>The stream-local index of a series of interest; -1 where nothing reads it.</summary>
    public int IndexOf(int place) => _entries[place].Index;

    private bool Matches(int place, ReadOnlySpan<byte> key, byte kind)
    {
        ref var entry = ref _entries[place];
        return entry.Kind == kind && key.SequenceEqual(_names.AsSpan(entry.NameStart, entry.NameLength));
    }

    private int Intern(ReadOnlySpan<byte> key, byte kind, int nameLength, uint hash)
    {
        if (_count >= _seriesMax || key.Length > NameLengthMax || key.Length > _nameBytesMax - _nameBytes)
            return Overflowed;
        if (_count == _entries.Length)
            Array.Resize(ref _entries, _count * 2);
        if (_count * 2 > _buckets.Length)
            Rehash();
        if (key.Length > _names.Length - _nameBytes)
            Array.Resize(ref _names, Math.Max(_names.Length * 2, _nameBytes + key.Length));
        key.CopyTo(_names.AsSpan(_nameBytes));
        ref var bucket = ref _buckets[hash & (uint)(_buckets.Length - 1)];
        _entries[_count] = new Entry
        {
            NameStart = _nameBytes,
            NameLength = key.Length,
            Hash = hash,
            Kind = kind,
            Next = -1,
            Chain = bucket - 1,
            Index = Classify(key, kind, nameLength),
        };
        _nameBytes += key.Length;
        bucket = ++_count;
        return _count - 1;
    }

    private int Classify(ReadOnlySpan<byte> key, byte kind, int nameLength)
    {
        var fullName = key.Length == nameLength ? key : LabelledName.Restore(key, nameLength);
        if (!StatName.TryParse(fullName, out var name))
            return -1;
        if (StatCatalog.IsGauge(name.Stat) != (kind == MetricReader.Gauge) || kind > MetricReader.Gauge)
            return -1;
        var scopeName = Encoding.UTF8.GetString(fullName.Slice(name.NameStart, name.NameLength));
        var identity = Encoding.UTF8.GetString(key);
        var seriesKey = new SeriesKey(name.Scope, scopeName, name.Stat);
        return Catalog.Append(new SeriesEntry(identity, seriesKey, name.Ambiguous));
    }

    private void Rehash()
    {
        _buckets = new int[_buckets.Length * 2];
        for (var place = 0; place < _count; place++)
        {
            ref var bucket = ref _buckets[_entries[place].Hash & (uint)(_buckets.Length - 1)];
            _entries[place].Chain = bucket - 1;
            bucket = place + 1;
        }

        Invariant.Assert(_count < _buckets.Length, "The table has more buckets than series");
    }

    /// <summary>Seeded per process, so a peer cannot choose names that collide; the order of buckets reaches no
    /// output.</summary>
    private static uint Hash(ReadOnlySpan<byte> key, byte kind)
    {
        var hash = default(HashCode);
        hash.AddBytes(key);
        hash.Add(kind);
        return (uint)hash.ToHashCode();
    }

    private struct Entry
    {
        public int NameStart;
        public int NameLength;
        public int Next;
        public int Chain;
        public int Index;
        public uint Hash;
        public byte Kind;
    }
}
