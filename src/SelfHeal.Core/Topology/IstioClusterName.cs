using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SelfHeal.Core.Topology;

/// <summary>
/// The parts of a cluster name that Istio made: <c>outbound|80|v2|payments.shop.svc.cluster.local</c>, or with
/// <c>_.</c> between the parts where the name doubles as a server name (SNI-DNAT clusters of east-west gateways). As a
/// stat name it ends in <c>;</c>: Istio gives every cluster an <c>alt_stat_name</c> that closes with this delimiter.
/// </summary>
/// <param name="Direction">Which way the traffic goes.</param>
/// <param name="Port">The service's port, for <see cref="IstioDirection.Inbound"/> the workload's.</param>
/// <param name="Subset">The third part; empty for the whole service.</param>
/// <param name="Host">The service's host; empty only for <see cref="IstioDirection.Inbound"/>.</param>
/// <param name="IsServerName">The parts are separated by <c>_.</c>.</param>
/// <param name="IsDelimited">The name ends in <c>;</c>.</param>
public sealed record IstioClusterName(
    IstioDirection Direction, int Port, string Subset, string Host, bool IsServerName = false, bool IsDelimited = false)
{
    private const int Parts = 4;
    private const char Delimiter = ';';

    /// <summary>
    /// The version of the service: its subset. Empty for the whole service, and for a workload's own ports, where older
    /// releases put the port's name in this place; a waypoint writes <c>http/v2</c>, or <c>http</c> for the whole.
    /// </summary>
    public string Version => Direction switch
    {
        IstioDirection.Outbound => Subset,
        IstioDirection.InboundVip when Subset.Contains('/', StringComparison.Ordinal) =>
            Subset[(Subset.IndexOf('/', StringComparison.Ordinal) + 1)..],
        _ => "",
    };

    /// <summary>What its clusters with a version must share to be compared with one another: form, direction, port,
    /// host. Two ports of a service answer different requests.</summary>
    public (bool IsServerName, IstioDirection Direction, int Port, string Host) Together =>
        (IsServerName, Direction, Port, Host);

    /// <summary>Takes a name apart.</summary>
    /// <param name="text">A cluster name, or the name under which its stats come.</param>
    /// <param name="name">The parts.</param>
    /// <returns>False for any name that Istio would not make; every other is rendered back as it was.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out IstioClusterName? name)
    {
        ArgumentNullException.ThrowIfNull(text);
        name = null;
        var isDelimited = text.EndsWith(Delimiter);
        var rest = isDelimited ? text[..^1] : text;
        var isServerName = !rest.Contains('|', StringComparison.Ordinal);
        var parts = isServerName ? rest.Split("_.", Parts) : rest.Split('|');
        if (parts.Length != Parts || rest.Contains(Delimiter, StringComparison.Ordinal))
            return false;
        if (DirectionOf(parts[0]) is not { } direction || PortOf(parts[1]) is not { } port)
            return false;
        if (parts[3].Length == 0 && direction != IstioDirection.Inbound)
            return false;
        name = new IstioClusterName(direction, port, parts[2], parts[3], isServerName, isDelimited);
        return true;
    }

    /// <summary>The name as Istio writes it.</summary>
    public override string ToString()
    {
        var direction = Direction switch
        {
            IstioDirection.Outbound => "outbound",
            IstioDirection.Inbound => "inbound",
            _ => "inbound-vip",
        };
        var port = Port.ToString(CultureInfo.InvariantCulture);
        var name = string.Join(IsServerName ? "_." : "|", direction, port, Subset, Host);
        return IsDelimited ? name + Delimiter : name;
    }

    private static IstioDirection? DirectionOf(string text) => text switch
    {
        "outbound" => IstioDirection.Outbound,
        "inbound" => IstioDirection.Inbound,
        "inbound-vip" => IstioDirection.InboundVip,
        _ => null,
    };

    /// <summary>
    /// Digits alone (.NET would let zero characters follow) and no leading zero, so that the name can be rendered back.
    /// </summary>
    private static int? PortOf(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
        && char.IsAsciiDigit(text[^1])
        && (text.Length == 1 || text[0] != '0')
            ? port
            : null;
}
