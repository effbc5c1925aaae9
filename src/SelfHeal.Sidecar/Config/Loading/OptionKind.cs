namespace SelfHeal.Sidecar.Config.Loading;

/// <summary>The shapes that the value of a key can have.</summary>
internal enum OptionKind
{
    /// <summary>A single value.</summary>
    Scalar,

    /// <summary>A list of single values.</summary>
    List,

    /// <summary>A section with keys of its own.</summary>
    Section,

    /// <summary>Sections of one kind under names that the user chooses.</summary>
    NamedSections,

    /// <summary>A list of sections of one kind.</summary>
    SectionList,

    /// <summary>Single values under names that the user chooses.</summary>
    NamedScalars,
}
