namespace SelfHeal.Xds.Stats;

/// <summary>
/// All series that one stream has sent, 24 bytes each beside the shared <see cref="SeriesName"/>. Envoy repeats its
/// families in nearly the same order at each flush, so every series remembers which one followed it: the next lookup
/// compares bytes with that one, and only a miss hashes. The chain is a ring over all messages of a flush: the last
/// series of a flush is followed by the first.
/// </summary>
internal sealed class SeriesTable(MetricsStreamOptions options, SeriesDirectory directory)
{
    /// <summary>The place of every series beyond the limit.</summary>
    public const int Overflowed = -1;

    /// <summary>Bytes of one name with its labels: five times the longest of Istio's; a longer one has no
    /// place.</summary>
    public const int NameLengthMax = 2_048;

    /// <summary>As for the directory: no chain of honest names comes near.</summary>
    private const int ChainMax = 64;

    private Slot[] _slots = new Slot[256];
    private int[] _buckets = new int[256];
    private long _nameBytes;

    public Core.Series.SeriesCatalog Catalog { get; } = new();

    public int Count { get; private set; }

    /// <summary>Lookups that the chain did not predict.</summary>
    public long Misses { get; private set; }

    /// <summary>The place of the series that came last; -1 before the first.</summary>
    public int Previous { get; set; } = -1;

    public Span<Slot> Slots => _slots.AsSpan(0, Count);

    /// <summary>The first place with a hash; -1 where there is none.</summary>
    public int First(uint hash)
    {
        var place = _buckets[hash & (uint)(_buckets.Length - 1)] - 1;
        while (place >= 0 && _slots[place].Hash != hash)
            place = _slots[place].Chain;
        return place;
    }

    /// <summary>The next place with the hash of <paramref name="place"/>; -1 behind the last.</summary>
    public int Next(int place)
    {
        var hash = _slots[place].Hash;
        do
            place = _slots[place].Chain;
        while (place >= 0 && _slots[place].Hash != hash);
        return place;
    }

    /// <summary>The place of a series; <see cref="Overflowed"/> where it has none.</summary>
    public int Find(ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels, byte kind, uint hash)
    {
        var place = First(hash);
        while (place >= 0 && !_slots[place].Name.Is(name, labels, kind))
            place = Next(place);
        return place;
    }

    /// <summary>The series at <paramref name="place"/> came, whatever was expected.</summary>
    /// <returns>Whether the chain had it next.</returns>
    public bool Follow(int place)
    {
        var previous = Previous;
        Previous = place;
        if (previous >= 0)
        {
            if (_slots[previous].Next == place)
                return true;
            _slots[previous].Next = place;
        }

        Misses++;
        return false;
    }

    /// <summary>Gives a new series a place, in the ring behind the one that came last.</summary>
    /// <returns><see cref="Overflowed"/> at the limit.</returns>
    public int Add(ReadOnlySpan<byte> bytes, in SeriesForm form)
    {
        Misses++;
        var length = form.NameLength + form.LabelsLength;
        if (Count >= options.SeriesMax || _nameBytes + length > options.NameBytesMax)
            return Overflowed;
        if (Count == _slots.Length)
            Array.Resize(ref _slots, Count + (Count / 2));
        if (Count * 2 > _buckets.Length)
            Rehash();
        ref var bucket = ref _buckets[form.Hash & (uint)(_buckets.Length - 1)];
        var chain = 0;
        for (var other = bucket - 1; other >= 0; other = _slots[other].Chain)
            chain++;
        if (chain >= ChainMax || directory.Take(bytes, form) is not { } shared)
            return Overflowed;
        var place = Count++;
        _slots[place] = new Slot
        {
            Name = shared,
            Hash = form.Hash,
            Chain = bucket - 1,
            Next = Previous < 0 ? place : _slots[Previous].Next,
            Index = shared.Entry is { } entry ? Catalog.Append(entry) : -1,
        };
        bucket = Count;
        _nameBytes += length;
        if (Previous >= 0)
            _slots[Previous].Next = place;
        Previous = place;
        return place;
    }

    /// <summary>Gives all names back; the table is used no more.</summary>
    public void Clear()
    {
        foreach (ref var slot in Slots)
            directory.GiveBack(slot.Name);
        Count = 0;
        Previous = -1;
        _slots = [];
        _buckets = new int[1];
    }

    private void Rehash()
    {
        _buckets = new int[_buckets.Length * 2];
        for (var place = 0; place < Count; place++)
        {
            ref var bucket = ref _buckets[_slots[place].Hash & (uint)(_buckets.Length - 1)];
            _slots[place].Chain = bucket - 1;
            bucket = place + 1;
        }
    }

    public struct Slot
    {
        public SeriesName Name;

        /// <summary>The place of the series that followed this one.</summary>
        public int Next;

        /// <summary>The next place in the bucket.</summary>
        public int Chain;

        /// <summary>The stream-local index of a series of interest; -1 where nothing reads it.</summary>
        public int Index;

        public uint Hash;
    }
}
