using System.Globalization;
using SelfHeal.Core.Remediation;

namespace SelfHeal.Sidecar.Overlays;

/// <summary>What every overlay of the in-process API must say of itself.</summary>
internal static class OverlayRules
{
    /// <summary>The longest that an overlay may lie: what is needed for longer belongs into the source.</summary>
    public static readonly TimeSpan LifetimeMax = TimeSpan.FromDays(7);

    // Listed in one line of a terminal, and kept once per overlay.
    private const int NameLengthMax = 128;
    private const int ReasonLengthMax = 512;

    /// <summary>Everything that stands against it; empty if nothing does.</summary>
    /// <param name="overlay">The change.</param>
    /// <param name="now">The wall clock, by which its expiry is told.</param>
    public static string Problem(Overlay overlay, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(overlay);
        var problems = new List<string>();
        Check("id", overlay.Id, NameLengthMax, problems);
        Check("owner", overlay.Owner, NameLengthMax, problems);
        Check("incident", overlay.IncidentId, NameLengthMax, problems);
        Check("reason", overlay.Reason, ReasonLengthMax, problems);
        if (overlay.Owner == LoopOverlay.Owner)
            problems.Add($"owner '{LoopOverlay.Owner}' is the control loop's; expected another");
        if (string.IsNullOrEmpty(overlay.Resource))
            problems.Add("the overlay names no resource");
        var left = overlay.ExpiresAt - now;
        if (left is null || left <= TimeSpan.Zero || left > LifetimeMax)
        {
            problems.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"expiry is {overlay.ExpiresAt?.ToString("O") ?? "missing"}, expected a time after {now:O} and within "
                    + $"{LifetimeMax.TotalDays} days"));
        }

        return string.Join("; ", problems);
    }

    private static void Check(string what, string? text, int lengthMax, List<string> problems)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > lengthMax || text.Any(char.IsControl))
        {
            problems.Add($"{what} has {text?.Length ?? 0} characters, expected 1 to {lengthMax}, not blank and none of "
                + "them a control character");
        }
    }
}
