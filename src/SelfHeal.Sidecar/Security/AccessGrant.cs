using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;

namespace SelfHeal.Sidecar.Security;

/// <summary>What one node may ask for, once it has been matched with who it is.</summary>
internal sealed class AccessGrant
{
    // A grant without a rule: nothing is restricted.
    private readonly AccessRule? _rule;
    private readonly IReadOnlyDictionary<string, string> _words;

    /// <summary>A grant by a rule.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="words">What the words of its patterns stand for.</param>
    public AccessGrant(AccessRule rule, IReadOnlyDictionary<string, string> words)
        : this(words)
    {
        _rule = rule;
        Resources = new ResourceAccess((_, name) => rule.AllowsSecret(name, words), TypeUrl.Secret);
    }

    private AccessGrant(IReadOnlyDictionary<string, string> words) => _words = words;

    /// <summary>Everything, where there are no rules.</summary>
    public static AccessGrant Everything { get; } = new(new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>The rule's name; empty without rules.</summary>
    public string Rule => _rule?.Name ?? "";

    /// <summary>What the node may be served; null: everything that it may ask for.</summary>
    public ResourceAccess? Resources { get; }

    /// <summary>Whether the node may ask for a type.</summary>
    /// <param name="typeUrl">The type.</param>
    public bool AllowsType(string typeUrl) => _rule?.AllowsType(typeUrl) ?? true;

    /// <summary>Takes out of a list of names those that the node may not be served.</summary>
    /// <param name="typeUrl">The type of the names; only secrets are kept apart by name.</param>
    /// <param name="names">Changed in place.</param>
    /// <param name="leavesNames">
    /// Whether only the wildcard is taken out: a session that knows <see cref="Resources"/> serves none of the others,
    /// and can say why.
    /// </param>
    /// <returns>How many are forbidden.</returns>
    public int RemoveForbidden(string typeUrl, IList<string> names, bool leavesNames)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (_rule is null || typeUrl is not TypeUrl.Secret)
            return 0;
        var forbidden = 0;
        for (var index = names.Count - 1; index >= 0; index--)
        {
            if (_rule.AllowsSecret(names[index], _words))
                continue;
            if (!leavesNames || names[index] is "*")
                names.RemoveAt(index);
            forbidden++;
        }

        return forbidden;
    }
}
