namespace SelfHeal.Sidecar.Admin;

/// <summary>A content that a proxy rejected and that its group is not served.</summary>
/// <param name="Type">The resource's type.</param>
/// <param name="Name">The resource's name.</param>
/// <param name="ContentHash">What was rejected.</param>
/// <param name="Node">Who rejected it.</param>
/// <param name="At">When.</param>
/// <param name="Message">In its own words.</param>
internal sealed record QuarantineStatus(
    string Type, string Name, string ContentHash, string Node, DateTimeOffset At, string Message);
