namespace SelfHeal.Xds.Snapshots;

/// <summary>One reason why a snapshot cannot be served.</summary>
/// <param name="TypeUrl">The resource's type.</param>
/// <param name="Resource">The resource's name.</param>
/// <param name="Field">The field by its proto names; empty where it is about the resource as a whole.</param>
/// <param name="Message">What is wrong and what is allowed.</param>
public sealed record SnapshotError(string TypeUrl, string Resource, string Field, string Message)
{
    /// <summary>For logs: type, name, field, message.</summary>
    public override string ToString() =>
        Field.Length == 0
            ? $"{Resources.TypeUrl.FullName(TypeUrl)} '{Resource}': {Message}"
            : $"{Resources.TypeUrl.FullName(TypeUrl)} '{Resource}' {Field}: {Message}";
}
