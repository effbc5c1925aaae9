using System.Text;
using System.Text.Unicode;
using SelfHeal.Xds.Resources.Descriptors;

namespace SelfHeal.Xds.Resources;

/// <summary>Where the message stands in an encoded <c>google.protobuf.Any</c>.</summary>
/// <param name="TypeUrl">Its type.</param>
/// <param name="ValueStart">The first byte of the message.</param>
/// <param name="ValueLength">Its bytes; 0 for an empty message, wherever it would stand.</param>
internal readonly record struct AnyPlace(string TypeUrl, int ValueStart, int ValueLength)
{
    private const int TypeField = 1;
    private const int ValueField = 2;

    /// <summary>Finds the fields; of one that stands twice the last counts, as in every decoder.</summary>
    /// <param name="any">Any bytes.</param>
    /// <returns>Null where they are no <c>Any</c>, or name no type.</returns>
    public static AnyPlace? Find(ReadOnlyMemory<byte> any)
    {
        var reader = new WireReader(any);
        var (type, start, length) = (ReadOnlyMemory<byte>.Empty, any.Length, 0);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryTag(out var field, out var wireType))
                return null;
            if (field is not (TypeField or ValueField) || wireType != WireReader.Delimited)
            {
                if (!reader.TrySkip(field, wireType))
                    return null;
                continue;
            }

            if (!reader.TryContent(out var content))
                return null;
            if (field == TypeField)
                type = content;
            else
                (start, length) = (reader.Position - content.Length, content.Length);
        }

        return type.Length > 0 && Utf8.IsValid(type.Span)
            ? new AnyPlace(Encoding.UTF8.GetString(type.Span), start, length)
            : null;
    }
}
