using Google.Protobuf.WellKnownTypes;

namespace SelfHeal.Lab.DataPlane;

/// <summary>
/// What the model holds, across streams: a lost control plane takes nothing away. Written by the one loop that reads
/// the ADS stream, read by every request.
/// </summary>
internal sealed class ModelResources(ModelStats stats, ModelFaults faults, Action changed)
{
    private volatile ModelConfiguration _current = ModelConfiguration.Empty;

    public ModelConfiguration Current => _current;

    /// <summary>
    /// Takes a response whole or not at all. For CDS and LDS of the state of the world, absence deletes.
    /// </summary>
    /// <returns>Null when it was accepted, otherwise the text of the NACK.</returns>
    public string? Apply(
        ModelResourceType type,
        IEnumerable<(Any Any, string Version)> resources,
        IEnumerable<string> removed,
        bool replaceAll)
    {
        var accepted = new Dictionary<string, HeldResource>(StringComparer.Ordinal);
        foreach (var (any, version) in resources)
        {
            var held = ResourceDecoder.Decode(type, any, version, faults, out var error);
            if (held is not null && !accepted.TryAdd(held.Name, held))
                error = $"duplicate {type} {held.Name} found";
            if (error is not null)
            {
                stats.UpdateRejected(type);
                return error;
            }
        }

        var next = replaceAll
            ? []
            : new Dictionary<string, HeldResource>(_current.Of(type), StringComparer.Ordinal);
        foreach (var name in removed)
            next.Remove(name);
        foreach (var (name, held) in accepted)
            next[name] = held;
        _current = _current.With(type, next.Values).Pruned();
        stats.UpdateAccepted(type, _current);
        changed();
        return null;
    }
}
