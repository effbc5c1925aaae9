using System.Collections.Immutable;

namespace SelfHeal.Sidecar.Xds;

/// <summary>How one group stands.</summary>
/// <param name="Name">The group's name.</param>
/// <param name="Slot">What it is served.</param>
/// <param name="IsFromDisk">Whether that is what it accepted last, for want of a source.</param>
/// <param name="IsContained">Whether some of it is not as the source declares it, because it was rejected.</param>
/// <param name="Problems">Everything that a human should know of it.</param>
internal sealed record GroupView(
    string Name, ServedSlot Slot, bool IsFromDisk, bool IsContained, ImmutableArray<string> Problems);
