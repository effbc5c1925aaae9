using System.Collections.Immutable;

namespace SelfHeal.Sidecar.Config.Loading;

/// <summary>A value of the file with the place where it stands.</summary>
/// <param name="Line">Counted from 1.</param>
/// <param name="Column">Counted from 1.</param>
internal abstract record ConfigNode(int Line, int Column)
{
    /// <summary>What a user would call it.</summary>
    public abstract string Noun { get; }

    /// <summary>A single value.</summary>
    /// <param name="Text">Without quotes.</param>
    /// <param name="IsPlain">Whether it stood without quotes: only then can it mean null.</param>
    /// <param name="Line">Counted from 1.</param>
    /// <param name="Column">Counted from 1.</param>
    internal sealed record Scalar(string Text, bool IsPlain, int Line, int Column) : ConfigNode(Line, Column)
    {
        /// <inheritdoc/>
        public override string Noun => "a single value";

        /// <summary>Whether it is null by the core schema of YAML 1.2, section 10.3.2.</summary>
        public bool IsNull => IsPlain && Text is "" or "~" or "null" or "Null" or "NULL";
    }

    /// <summary>A list.</summary>
    /// <param name="Items">In the order of the file.</param>
    /// <param name="Line">Counted from 1.</param>
    /// <param name="Column">Counted from 1.</param>
    internal sealed record Sequence(ImmutableArray<ConfigNode> Items, int Line, int Column) : ConfigNode(Line, Column)
    {
        /// <inheritdoc/>
        public override string Noun => "a list";
    }

    /// <summary>Keys with values; duplicates are kept, so that they can be reported with everything else.</summary>
    /// <param name="Entries">In the order of the file.</param>
    /// <param name="Line">Counted from 1.</param>
    /// <param name="Column">Counted from 1.</param>
    internal sealed record Mapping(ImmutableArray<ConfigEntry> Entries, int Line, int Column)
        : ConfigNode(Line, Column)
    {
        /// <inheritdoc/>
        public override string Noun => "a section";
    }
}
