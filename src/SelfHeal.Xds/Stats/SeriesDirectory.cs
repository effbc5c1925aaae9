using SelfHeal.Core;

namespace SelfHeal.Xds.Stats;

/// <summary>
/// The names that open stats streams use, each kept once: a fleet's proxies send nearly the same names, and a stream
/// then costs 24 bytes per series beside them. A stream takes a name under a lock when it first sends the series, reads
/// it without one at every flush, and gives it back when it ends; the last one takes the name with it, so names cannot
/// outlive the streams that sent them, however often a peer reconnects with new ones.
/// </summary>
public sealed class SeriesDirectory
{
    /// <summary>
    /// Bytes of all names. 512 MiB hold two million series that no two proxies share, or ten gateways of the largest
    /// size measured; a name beyond it has no place, and its samples are counted as overflowed.
    /// </summary>
    public const long DefaultBytesMax = 512L * 1024 * 1024;

    /// <summary>Names in one bucket. With a secret hash even eight are unheard of; a longer chain is an attack or a
    /// defect, and a name that would lengthen it has no place.</summary>
    private const int ChainMax = 64;

    private readonly Lock _lock = new();
    private readonly long _bytesMax;
    private SeriesName?[] _buckets = new SeriesName?[1024];
    private int _count;
    private long _bytes;
    private long _refused;

    /// <summary>An empty directory.</summary>
    /// <param name="bytesMax">Bytes of all names, default <see cref="DefaultBytesMax"/>.</param>
    public SeriesDirectory(long bytesMax = DefaultBytesMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytesMax);
        _bytesMax = bytesMax;
    }

    /// <summary>Names that a stream uses.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Bytes that they take.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Names refused at the limit since the start; a refused one counts again when it is sent again.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Whether series that nothing reads get an entry as well; for tests that look at every number.</summary>
    internal bool KeepsEverySeries { get; init; }

    /// <summary>The shared name with these bytes, made if there is none.</summary>
    /// <returns>Null at the limit.</returns>
    internal SeriesName? Take(ReadOnlySpan<byte> bytes, in SeriesForm form)
    {
        lock (_lock)
        {
            var chain = 0;
            for (var held = _buckets[Bucket(form.Hash)]; held is not null; held = held.Chain)
            {
                chain++;
                if (!held.IsSame(bytes, form))
                    continue;
                held.Users++;
                return held;
            }

            if (chain >= ChainMax || _bytes + SeriesName.CostOf(bytes.Length) > _bytesMax)
            {
                Interlocked.Increment(ref _refused);
                return null;
            }

            if (_count == _buckets.Length)
                Grow();
            var name = new SeriesName(bytes.ToArray(), form, KeepsEverySeries);
            ref var bucket = ref _buckets[Bucket(form.Hash)];
            name.Chain = bucket;
            name.Users = 1;
            bucket = name;
            _count++;
            Interlocked.Add(ref _bytes, name.Cost);
            return name;
        }
    }

    /// <summary>A stream that took the name uses it no more.</summary>
    internal void GiveBack(SeriesName name)
    {
        lock (_lock)
        {
            if (--name.Users > 0)
                return;
            ref var bucket = ref _buckets[Bucket(name.Form.Hash)];
            if (ReferenceEquals(bucket, name))
            {
                bucket = name.Chain;
            }
            else
            {
                var before = bucket;
                while (before is not null && !ReferenceEquals(before.Chain, name))
                    before = before.Chain;
                Invariant.Assert(before is not null, "A name in use is in its bucket");
                before.Chain = name.Chain;
            }

            name.Chain = null;
            _count--;
            Interlocked.Add(ref _bytes, -name.Cost);
        }
    }

    private int Bucket(uint hash) => (int)(hash & (uint)(_buckets.Length - 1));

    private void Grow()
    {
        var old = _buckets;
        _buckets = new SeriesName?[old.Length * 2];
        foreach (var first in old)
        {
            for (var name = first; name is not null;)
            {
                var next = name.Chain;
                ref var bucket = ref _buckets[Bucket(name.Form.Hash)];
                name.Chain = bucket;
                bucket = name;
                name = next;
            }
        }
    }
}
