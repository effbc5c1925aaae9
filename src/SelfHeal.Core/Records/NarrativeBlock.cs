namespace SelfHeal.Core.Records;

/// <summary>The prose that people were shown for the incident up to and with this entry.</summary>
/// <param name="TemplateId">The template that rendered it.</param>
/// <param name="Sha256">SHA-256 of the rendered UTF-8 text, in hexadecimal: a test renders it again.</param>
public sealed record NarrativeBlock(string TemplateId, string Sha256);
