namespace SelfHeal.Sidecar.Admin;

/// <summary>One resource of which a proxy holds something else.</summary>
/// <param name="Type">Full name of the type.</param>
/// <param name="Name">The resource.</param>
/// <param name="Kind"><c>missing</c>, <c>extra</c> or <c>different</c>; for a NACK, of what was rejected against what
/// is held.</param>
/// <param name="IntendedHash">Of what is intended, or was rejected; null if there is none.</param>
/// <param name="HeldHash">Of what the proxy holds; null if there is none.</param>
/// <param name="Diff">From what it holds to the other, as <c>diff -u</c> writes it; null where it is not shown.</param>
/// <param name="Note">Why the difference is not shown; null where it is, or was not asked for.</param>
internal sealed record ProxyDifferenceDocument(
    string Type, string Name, string Kind, string? IntendedHash, string? HeldHash, string? Diff, string? Note);
