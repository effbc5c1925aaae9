using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace SelfHeal.Xds.Accepted;

/// <summary>Writes the values of a file: numbers in eight bytes, texts and bytes behind their length.</summary>
internal sealed class PayloadWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public void Number(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_bytes.GetSpan(sizeof(long)), value);
        _bytes.Advance(sizeof(long));
    }

    public void Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Number(value.Length);
        _bytes.Write(value);
    }
}
