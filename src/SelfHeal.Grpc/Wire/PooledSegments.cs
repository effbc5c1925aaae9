using System.Buffers;

namespace SelfHeal.Grpc.Wire;

/// <summary>A growing byte buffer made of pooled blocks; its bytes live until it is disposed.</summary>
internal sealed class PooledSegments : IBufferWriter<byte>, IDisposable
{
    // 16 KiB: one HTTP/2 frame of the default size, and far below the large object heap.
    private const int BlockBytes = 16 * 1024;

    private readonly List<byte[]> _blocks = [];
    private readonly List<int> _lengths = [];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    public void Advance(int count)
    {
        // Protobuf advances by nothing before it asks for memory.
        if (count == 0)
            return;
        _lengths[^1] += count;
        Length = checked(Length + count);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        var size = Math.Max(sizeHint, 1);
        if (_blocks.Count == 0 || _blocks[^1].Length - _lengths[^1] < size)
        {
            _blocks.Add(ArrayPool<byte>.Shared.Rent(Math.Max(size, BlockBytes)));
            _lengths.Add(0);
        }
        return _blocks[^1].AsMemory(_lengths[^1]);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var span = GetSpan();
            var taken = Math.Min(span.Length, bytes.Length);
            bytes[..taken].CopyTo(span);
            Advance(taken);
            bytes = bytes[taken..];
        }
    }

    public ReadOnlyMemory<byte>[] ToSegments()
    {
        var segments = new ReadOnlyMemory<byte>[_blocks.Count];
        for (var i = 0; i < segments.Length; i++)
            segments[i] = _blocks[i].AsMemory(0, _lengths[i]);
        return segments;
    }

    public ReadOnlySequence<byte> AsSequence() => ByteSequence.Of(ToSegments());

    public void Dispose()
    {
        foreach (var block in _blocks)
            ArrayPool<byte>.Shared.Return(block);
        _blocks.Clear();
        _lengths.Clear();
        Length = 0;
    }
}
