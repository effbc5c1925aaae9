using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>What the judgement sees and decides, kept for <c>selfheal replay</c>.</summary>
internal sealed class RecordingOptions
{
    /// <summary>
    /// The directory of the recordings; created when missing. Files in it have mode 0600 and are deleted when there are
    /// more than max_files. Null: nothing is recorded. Default: null.
    /// </summary>
    [FilePath]
    public string? Directory { get; init; }

    /// <summary>
    /// Bytes of one file; then the next one begins, which can be replayed alone. Default: 268435456.
    /// Limits: 1048576 to 2000000000.
    /// </summary>
    [Limits("1048576", "2000000000")]
    public int MaxBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>
    /// How many files are kept, the one being written among them; the oldest goes first. Default: 8. Limits: 1 to 1000.
    /// </summary>
    [Limits("1", "1000")]
    public int MaxFiles { get; init; } = 8;
}
