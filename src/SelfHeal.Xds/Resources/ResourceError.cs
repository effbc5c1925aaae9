namespace SelfHeal.Xds.Resources;

/// <summary>One thing that is wrong in a resource file, at its place.</summary>
/// <param name="File">The path as it was handed in.</param>
/// <param name="Line">One-based.</param>
/// <param name="Column">One-based.</param>
/// <param name="Field">
/// The field within the resource by its proto names, such as <c>virtual_hosts[0].routes[1].route.cluster_header</c>;
/// empty where the error is about the resource or the file as a whole.
/// </param>
/// <param name="Message">What is wrong and, where it helps, what is allowed.</param>
public sealed record ResourceError(string File, int Line, int Column, string Field, string Message)
{
    /// <summary>The form that editors and terminals link: <c>file:line:column: field: message</c>.</summary>
    public override string ToString() =>
        Field.Length == 0 ? $"{File}:{Line}:{Column}: {Message}" : $"{File}:{Line}:{Column}: {Field}: {Message}";
}
