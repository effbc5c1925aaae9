using System.Globalization;
using Envoy.Config.Core.V3;

namespace SelfHeal.Xds.Resources;

/// <summary>Writes addresses as Envoy's admin interface does, one text per address.</summary>
public static class AddressText
{
    /// <summary><c>10.0.0.1:80</c>, <c>[::1]:80</c>, <c>unix:/path</c> or <c>internal:name/id</c>; empty for an address
    /// of a kind that is not known, or none.</summary>
    /// <param name="address">Null is none.</param>
    public static string Of(Address? address) => address?.AddressCase switch
    {
        Address.AddressOneofCase.SocketAddress => Of(address.SocketAddress),
        Address.AddressOneofCase.Pipe => $"unix:{address.Pipe.Path}",
        Address.AddressOneofCase.EnvoyInternalAddress =>
            $"internal:{address.EnvoyInternalAddress.ServerListenerName}/{address.EnvoyInternalAddress.EndpointId}",
        _ => "",
    };

    private static string Of(SocketAddress address)
    {
        var port = address.PortSpecifierCase == SocketAddress.PortSpecifierOneofCase.NamedPort
            ? address.NamedPort
            : address.PortValue.ToString(CultureInfo.InvariantCulture);
        var host = address.Address.Contains(':', StringComparison.Ordinal) ? $"[{address.Address}]" : address.Address;
        return $"{host}:{port}";
    }
}
