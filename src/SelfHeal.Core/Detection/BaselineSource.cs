namespace SelfHeal.Core.Detection;

/// <summary>Where a baseline comes from; a record names it.</summary>
public enum BaselineSource : byte
{
    /// <summary>There is no history: the declared default.</summary>
    DeclaredDefault = 0,

    /// <summary>The siblings' ratio in the same window, shrunken to the declared default.</summary>
    Siblings = 1,

    /// <summary>The same hour of the week in the last four weeks, shrunken to the series' own mean.</summary>
    History = 2,
}
