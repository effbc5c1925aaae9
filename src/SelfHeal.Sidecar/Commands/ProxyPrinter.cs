using System.Collections.Immutable;
using System.Globalization;
using SelfHeal.Sidecar.Admin;

namespace SelfHeal.Sidecar.Commands;

/// <summary>Shows proxies to a person.</summary>
/// <param name="environment">Where to.</param>
internal sealed class ProxyPrinter(CommandEnvironment environment)
{
    /// <summary>Prints all proxies.</summary>
    /// <param name="proxies">One for each stream.</param>
    public void Print(ImmutableArray<ProxyStatus> proxies)
    {
        if (proxies.IsDefaultOrEmpty)
        {
            environment.Out.WriteLine("No proxies are connected.");
            return;
        }

        new TableWriter(environment).Write(
            ["Node", "Type", "State", "Version"],
            [
                .. proxies.SelectMany(static p => p.Types.Select(t => (ImmutableArray<string>)
                [
                    TerminalText.Clean(p.Node), Short(t.Type), t.State, t.Version.Length > 0 ? t.Version : "-",
                ])),
            ]);
    }

    /// <summary>Prints one proxy.</summary>
    /// <param name="proxy">The proxy.</param>
    public void Print(ProxyDocument proxy)
    {
        ArgumentNullException.ThrowIfNull(proxy);
        Line($"Node {proxy.Node}, cluster {OrNone(proxy.Cluster)}, {OrNone(proxy.Agent)}");
        if (!proxy.ClientFeatures.IsDefaultOrEmpty)
            Line($"Features: {string.Join(", ", proxy.ClientFeatures)}");
        foreach (var stream in proxy.Streams)
        {
            var what = stream.OnlyType is { } only ? Short(only) : "aggregated";
            Line($"\nStream {stream.Stream}, {what}, {stream.Variant}, since {TerminalText.Of(stream.OpenedAt)}");
            if (stream.Types.IsDefaultOrEmpty)
                continue;
            new TableWriter(environment).Write(
                ["Type", "State", "Sent", "Accepted", "Asks for", "Holds", "Differs", "Since"],
                [.. stream.Types.Select(Row)]);
        }

        Print(proxy.Rejections);
    }

    /// <summary>Prints in what a proxy does not hold what is intended.</summary>
    /// <param name="diff">The differences.</param>
    public void Print(ProxyDiffDocument diff)
    {
        ArgumentNullException.ThrowIfNull(diff);
        if (diff.Resources.IsDefaultOrEmpty)
            Line($"{diff.Node} holds what is intended.");
        foreach (var resource in diff.Resources)
            Print(resource, "intended");
        if (diff.Omitted > 0)
            Line($"... and {diff.Omitted} more.");
        Print(diff.Rejections);
    }

    private void Print(ImmutableArray<ProxyRejectionDocument> rejections)
    {
        foreach (var rejection in rejections.IsDefault ? [] : rejections)
        {
            Line($"\nNACK of {Short(rejection.Type)} {rejection.Version} at {TerminalText.Of(rejection.At)}:");
            Line($"  {rejection.Message}");
            if (!rejection.Culprits.IsDefaultOrEmpty)
                Line($"  because of {string.Join(", ", rejection.Culprits)}");
            foreach (var resource in rejection.Resources)
            {
                if (resource.Diff is null && resource.Note is null)
                    Line($"  it carried {resource.Name} {resource.IntendedHash}");
                else
                    Print(resource, "rejected");
            }

            if (rejection.Omitted > 0)
                Line($"  ... and {rejection.Omitted} more.");
        }
    }

    private void Print(ProxyDifferenceDocument resource, string other)
    {
        Line($"{Short(resource.Type)} {resource.Name} is {resource.Kind}: "
            + $"{other} {resource.IntendedHash ?? "none"}, held {resource.HeldHash ?? "none"}");
        if (resource.Note is { } note)
            Line($"  ({note})");
        if (resource.Diff is { } diff)
            environment.Out.Write(TerminalText.Clean(diff));
    }

    private static ImmutableArray<string> Row(ProxyTypeDocument type) =>
    [
        Short(type.Type),
        type.State,
        OrNone(type.SentVersion),
        OrNone(type.AcceptedVersion),
        type.Wildcard ? "all" : type.Names.ToString(CultureInfo.InvariantCulture),
        type.Held.ToString(CultureInfo.InvariantCulture),
        type.Differs.ToString(CultureInfo.InvariantCulture),
        type.UpdatedAt is { } at ? TerminalText.Of(at) : "-",
    ];

    private void Line(string text) => environment.Out.WriteLine(TerminalText.Clean(text));

    private static string OrNone(string text) => text.Length > 0 ? text : "-";

    private static string Short(string type) => TerminalText.Clean(type[(type.LastIndexOf('.') + 1)..]);
}
