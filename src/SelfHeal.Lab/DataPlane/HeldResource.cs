using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace SelfHeal.Lab.DataPlane;

/// <summary>One resource that the model accepted.</summary>
/// <param name="Name">The resource's name.</param>
/// <param name="Version">Delta: its own version; state of the world: the version of the response.</param>
/// <param name="Any">As it was received; its bytes are what digests are made of.</param>
/// <param name="Message">The same, parsed.</param>
internal sealed record HeldResource(string Name, string Version, Any Any, IMessage Message);
