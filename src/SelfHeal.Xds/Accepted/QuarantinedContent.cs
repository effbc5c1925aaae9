namespace SelfHeal.Xds.Accepted;

/// <summary>One content of one resource that a node rejected, and that its group is not served any more.</summary>
/// <param name="Group">The group.</param>
/// <param name="TypeUrl">The resource's type.</param>
/// <param name="Name">The resource's name.</param>
/// <param name="ContentHash">What was rejected.</param>
/// <param name="SourceHash">
/// What the source declared when it was rejected; as soon as the source declares something else, all is forgiven.
/// </param>
/// <param name="Node">Who rejected it.</param>
/// <param name="Message">In its own words; not kept on disk, where only hashes are.</param>
/// <param name="At">When.</param>
public sealed record QuarantinedContent(
    string Group,
    string TypeUrl,
    string Name,
    string ContentHash,
    string SourceHash,
    string Node,
    string Message,
    DateTimeOffset At)
{
    /// <summary>For people: type, name and hash.</summary>
    public override string ToString() => $"{Resources.TypeUrl.FullName(TypeUrl)} '{Name}' ({ContentHash})";
}
