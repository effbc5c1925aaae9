namespace SelfHeal.Sidecar.Recording;

/// <summary>A place at which a recording could not be read.</summary>
/// <param name="File">The file.</param>
/// <param name="Offset">The byte.</param>
/// <param name="Expected">What should have stood there.</param>
internal sealed record RecordingFault(string File, long Offset, string Expected)
{
    /// <inheritdoc/>
    public override string ToString() => $"{File}: byte {Offset}: expected {Expected}";
}
