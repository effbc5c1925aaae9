using SelfHeal.Sidecar.Config;

namespace SelfHeal.Sidecar.Hosting;

/// <summary>A listener could not be opened.</summary>
/// <param name="key">The key of the configuration that names the address.</param>
/// <param name="address">The address.</param>
/// <param name="reason">Why, and what to do.</param>
/// <param name="inner">What the system said.</param>
internal sealed class ListenFailedException(string key, ListenAddress address, string reason, Exception? inner)
    : Exception($"{key}: cannot listen on {address}: {reason}", inner);
