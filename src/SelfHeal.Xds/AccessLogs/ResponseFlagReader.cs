using System.Collections.Immutable;
using Envoy.Data.Accesslog.V3;
using SelfHeal.Core.AccessLogs;

namespace SelfHeal.Xds.AccessLogs;

/// <summary>Reads <c>ResponseFlags</c>. Core's flags have the message's field numbers, so its descriptor is the table.
/// </summary>
internal static class ResponseFlagReader
{
    private static readonly ImmutableArray<(uint Bit, Google.Protobuf.Reflection.IFieldAccessor Field)> Flags =
    [
        .. ResponseFlagCodes.All.Select(static flag => (
            ResponseFlagCodes.Bit(flag), ResponseFlags.Descriptor.FindFieldByNumber((int)flag).Accessor)),
    ];

    /// <summary>The bits of the flags that are set; none for no message.</summary>
    public static uint Read(ResponseFlags? flags)
    {
        if (flags is null)
            return 0;
        var bits = 0u;
        foreach (var (bit, field) in Flags)
        {
            // All are booleans but unauthorized_details, which is there or not.
            if (field.GetValue(flags) is true or ResponseFlags.Types.Unauthorized)
                bits |= bit;
        }

        return bits;
    }
}
