namespace SelfHeal.Core.Series;

/// <summary>One series of interest of one stream.</summary>
/// <param name="FullName">The identity on the wire (name, and labels if there are any). Several series may share a key
/// (<c>ssl.fail_verify_*</c>), and a counter's last value belongs to the series, not to the key.</param>
/// <param name="Key">What it measures.</param>
/// <param name="Ambiguous">As <see cref="StatName.Ambiguous"/>.</param>
public sealed record SeriesEntry(string FullName, SeriesKey Key, bool Ambiguous);
