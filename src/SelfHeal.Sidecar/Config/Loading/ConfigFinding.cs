using System.Globalization;
using System.Text;

namespace SelfHeal.Sidecar.Config.Loading;

/// <summary>One thing wrong, or worth a warning, in a file that a user wrote.</summary>
/// <param name="File">The file as the user named it.</param>
/// <param name="Line">Counted from 1; 0 when the finding is about the whole file.</param>
/// <param name="Column">Counted from 1; 0 when unknown.</param>
/// <param name="Field">The dotted path of the key, or empty.</param>
/// <param name="Message">What is wrong and what was expected.</param>
internal sealed record ConfigFinding(string File, int Line, int Column, string Field, string Message)
{
    /// <summary><c>file:line:column: field: message</c>, which editors and CI logs turn into links.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(File);
        if (Line > 0)
            text.Append(CultureInfo.InvariantCulture, $":{Line}");
        if (Line > 0 && Column > 0)
            text.Append(CultureInfo.InvariantCulture, $":{Column}");
        if (Field.Length > 0)
            text.Append(": ").Append(Field);
        return text.Append(": ").Append(Message).ToString();
    }
}
