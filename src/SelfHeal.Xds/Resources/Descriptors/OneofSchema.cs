namespace SelfHeal.Xds.Resources.Descriptors;

/// <summary>Fields of which at most one is set.</summary>
/// <param name="Name">By its proto name.</param>
/// <param name="IsRequired">Whether the API demands that one be set (<c>validate.required</c>).</param>
internal sealed record OneofSchema(string Name, bool IsRequired)
{
    /// <summary>In the order of the declaration.</summary>
    public List<FieldSchema> Fields { get; } = [];
}
