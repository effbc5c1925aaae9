using System.Collections.Immutable;
using SelfHeal.Sidecar.Config;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>What a server is started with beside its resources; as in <see cref="XdsOptions"/>.</summary>
internal sealed record ServerSettings
{
    public TimeSpan? MaxConnectionAge { get; init; }

    /// <summary>The one rule of authorisation; null: there is none.</summary>
    public XdsAuthorisationOptions? Rule { get; init; }

    public ImmutableSortedDictionary<string, XdsAuthorisationOptions> Authorisation
    {
        get
        {
            var none = ImmutableSortedDictionary.Create<string, XdsAuthorisationOptions>(StringComparer.Ordinal);
            return Rule is null ? none : none.Add("only", Rule);
        }
    }
}
