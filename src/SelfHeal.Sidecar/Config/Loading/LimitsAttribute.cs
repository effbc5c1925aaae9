namespace SelfHeal.Sidecar.Config.Loading;

/// <summary>
/// The allowed range of an option, both ends included, written as a user writes the option itself (<c>250ms</c>,
/// <c>0.5</c>). <c>RangeAttribute</c> would need another notation than the file's for durations and decimals.
/// </summary>
/// <param name="minimum">The least value.</param>
/// <param name="maximum">The greatest value.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class LimitsAttribute(string minimum, string maximum) : Attribute
{
    /// <summary>The least value.</summary>
    public string Minimum { get; } = minimum;

    /// <summary>The greatest value.</summary>
    public string Maximum { get; } = maximum;
}
