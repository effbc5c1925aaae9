namespace SelfHeal.Xds.Resources;

/// <summary>The text of one file of Envoy v3 resources, YAML or JSON.</summary>
/// <param name="Path">Names the file in errors.</param>
/// <param name="Text">The content.</param>
/// <param name="DefaultTypeUrl">The type of resources that carry no <c>@type</c>; null: they are errors.</param>
public sealed record ResourceFile(string Path, string Text, string? DefaultTypeUrl = null);
