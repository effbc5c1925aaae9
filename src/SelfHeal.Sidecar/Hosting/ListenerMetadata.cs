namespace SelfHeal.Sidecar.Hosting;

/// <summary>On an endpoint: the only door that leads to it. On a connection: the door it came through.</summary>
/// <param name="Name">The door.</param>
internal sealed record ListenerMetadata(ListenerName Name);
