namespace SelfHeal.Core.Narrative;

/// <summary>Prose made from records.</summary>
/// <param name="TemplateId">The template of the last entry, with its version.</param>
/// <param name="Text">The text, in one paragraph.</param>
public sealed record RenderedNarrative(string TemplateId, string Text);
