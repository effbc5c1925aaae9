namespace SelfHeal.Sidecar.Config.Loading;

/// <summary>The kinds of single values that the file knows.</summary>
internal enum ScalarKind
{
    /// <summary>Any text.</summary>
    Text,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A decimal number, kept exactly as written.</summary>
    Number,

    /// <summary>A span of time.</summary>
    Duration,

    /// <summary>Where a listener binds.</summary>
    Address,

    /// <summary>One word of a closed set.</summary>
    Word,
}
