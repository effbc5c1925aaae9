namespace SelfHeal.Xds.Snapshots;

/// <summary>
/// The snapshot that is served now: one reference to an immutable object, replaced whole, so readers need no lock.
/// </summary>
public sealed class SnapshotCache
{
    private volatile ValidatedSnapshot? _current;

    /// <summary>
    /// What is served now; null until the first snapshot is there, and until then nothing is answered.
    /// </summary>
    public ValidatedSnapshot? Current => _current;

    /// <summary>Serves another snapshot from now on; the caller hands it to the sessions.</summary>
    /// <param name="snapshot">The next snapshot.</param>
    /// <returns>
    /// What <see cref="Current"/> is from now on: the same content, in the objects of the one before where it is equal.
    /// </returns>
    public ValidatedSnapshot Replace(ValidatedSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return _current = snapshot.Reuse(_current);
    }
}
