using System.Text;

namespace SelfHeal.Sidecar.Config.Loading;

/// <summary>Turns names of code into keys of the file: <c>MaxStreams</c> is <c>max_streams</c>.</summary>
internal static class SnakeCase
{
    /// <summary>Writes a Pascal-case name in snake case.</summary>
    /// <param name="name">The name.</param>
    public static string Write(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var text = new StringBuilder(name.Length + 4);
        foreach (var letter in name)
        {
            if (char.IsAsciiLetterUpper(letter) && text.Length > 0)
                text.Append('_');
            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}
