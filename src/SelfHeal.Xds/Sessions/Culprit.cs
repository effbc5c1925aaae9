using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Sessions;

/// <summary>A content that a client certainly rejects.</summary>
/// <param name="Resource">The content.</param>
/// <param name="Message">What the client said when it rejected it.</param>
/// <param name="Pushes">How many responses it took to find it after the first rejection.</param>
internal readonly record struct Culprit(XdsResource Resource, string Message, int Pushes);
