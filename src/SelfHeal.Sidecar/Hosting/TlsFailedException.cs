namespace SelfHeal.Sidecar.Hosting;

/// <summary>A certificate or key is not what it should be.</summary>
/// <param name="key">The key of the configuration that names the file.</param>
/// <param name="reason">What is wrong with it.</param>
/// <param name="inner">What the library said.</param>
internal sealed class TlsFailedException(string key, string reason, Exception? inner)
    : Exception($"{key}: {reason}", inner);
