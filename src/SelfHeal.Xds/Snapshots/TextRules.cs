using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Validate;

namespace SelfHeal.Xds.Snapshots;

/// <summary>The rules of a string or of bytes, as a list of checks in the order in which they are told.</summary>
internal sealed class TextRules
{
    private readonly bool _ignoresEmpty;
    private readonly List<(string Rule, Func<string, bool> Holds, string Must)> _checks = [];
    private readonly List<(string Rule, Func<ByteString, bool> Holds, string Must)> _byteChecks = [];

    private TextRules(bool ignoresEmpty) => _ignoresEmpty = ignoresEmpty;

    public static TextRules Of(StringRules rules)
    {
        var made = new TextRules(rules.IgnoreEmpty);
        made.AddLengths(rules);
        made.AddContent(rules);
        made.AddWellKnown(rules);
        return made;
    }

    public static TextRules Of(BytesRules rules)
    {
        var made = new TextRules(rules.IgnoreEmpty);
        made.AddBytes(rules);
        return made;
    }

    /// <summary>What is wrong with a string; null if nothing is.</summary>
    public RuleProblem? Problem(string text)
    {
        if (_ignoresEmpty && text.Length == 0)
            return null;
        foreach (var (rule, holds, must) in _checks)
        {
            if (!holds(text))
            {
                return new RuleProblem($"string.{rule}", text.Length == 0 && rule is "min_len" or "min_bytes"
                    ? "must not be empty" : must);
            }
        }
        return null;
    }

    /// <summary>What is wrong with bytes; null if nothing is.</summary>
    public RuleProblem? Problem(ByteString bytes)
    {
        if (_ignoresEmpty && bytes.IsEmpty)
            return null;
        foreach (var (rule, holds, must) in _byteChecks)
        {
            if (!holds(bytes))
            {
                return new RuleProblem($"bytes.{rule}", rule is "len" or "min_len" or "max_len"
                    ? $"{must}, not {bytes.Length}" : must);
            }
        }
        return null;
    }

    /// <summary>
    /// A pattern of RE2, which matches the whole text as in Envoy. The engine without backtracking takes what RE2 takes
    /// and is linear as well; what it does not take is left to Envoy.
    /// </summary>
    /// <returns>Null for what it does not take.</returns>
    public static Regex? Compile(string pattern)
    {
        try
        {
            return new Regex(
                $@"\A(?:{pattern})\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking,
                Regex.InfiniteMatchTimeout);
        }
        catch (Exception strange) when (strange is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private void AddLengths(StringRules rules)
    {
        if (rules.HasLen)
            Add("len", text => Runes(text) == rules.Len, $"must be {rules.Len} characters long");
        if (rules.HasMinLen)
            Add("min_len", text => Runes(text) >= rules.MinLen, $"must be at least {rules.MinLen} characters long");
        if (rules.HasMaxLen)
            Add("max_len", text => Runes(text) <= rules.MaxLen, $"must be at most {rules.MaxLen} characters long");
        if (rules.HasLenBytes)
            Add("len_bytes", text => Bytes(text) == rules.LenBytes, $"must be {rules.LenBytes} bytes long");
        if (rules.HasMinBytes)
            Add("min_bytes", text => Bytes(text) >= rules.MinBytes, $"must be at least {rules.MinBytes} bytes long");
        if (rules.HasMaxBytes)
            Add("max_bytes", text => Bytes(text) <= rules.MaxBytes, $"must be at most {rules.MaxBytes} bytes long");
    }

    private void AddContent(StringRules rules)
    {
        if (rules.HasConst)
            Add("const", text => text == rules.Const, $"must be '{rules.Const}'");
        if (rules.HasPrefix)
            Add("prefix", text => text.StartsWith(rules.Prefix, StringComparison.Ordinal),
                $"must begin with '{rules.Prefix}'");
        if (rules.HasSuffix)
            Add("suffix", text => text.EndsWith(rules.Suffix, StringComparison.Ordinal),
                $"must end with '{rules.Suffix}'");
        if (rules.HasContains)
            Add("contains", text => text.Contains(rules.Contains, StringComparison.Ordinal),
                $"must contain '{rules.Contains}'");
        if (rules.HasNotContains)
        {
            Add("not_contains", text => !text.Contains(rules.NotContains, StringComparison.Ordinal),
                $"must not contain '{rules.NotContains}'");
        }
        if (rules.In.Count > 0)
            Add("in", rules.In.Contains, $"must be one of {string.Join(", ", rules.In)}");
        if (rules.NotIn.Count > 0)
            Add("not_in", text => !rules.NotIn.Contains(text), $"must not be one of {string.Join(", ", rules.NotIn)}");
        if (rules.HasPattern && Compile(rules.Pattern) is { } pattern)
            Add("pattern", pattern.IsMatch, $"must match {rules.Pattern}");
    }

    private void AddWellKnown(StringRules rules)
    {
        if (rules is { HasIp: true, Ip: true })
            Add("ip", static text => FamilyOf(text) is not null, "must be an IP address");
        if (rules is { HasIpv4: true, Ipv4: true })
            Add("ipv4", static text => FamilyOf(text) is AddressFamily.InterNetwork, "must be an IPv4 address");
        if (rules is { HasIpv6: true, Ipv6: true })
            Add("ipv6", static text => FamilyOf(text) is AddressFamily.InterNetworkV6, "must be an IPv6 address");
        if (rules is { HasHostname: true, Hostname: true })
            Add("hostname", IsHostname, "must be a host name");
        if (rules is { HasAddress: true, Address: true })
            Add("address", static text => FamilyOf(text) is not null || IsHostname(text),
                "must be an IP address or a host name");
        if (rules is { HasEmail: true, Email: true })
            Add("email", static text => System.Net.Mail.MailAddress.TryCreate(text, out _),
                "must be an e-mail address");
        if (rules is { HasUri: true, Uri: true })
            Add("uri", static text => Uri.TryCreate(text, UriKind.Absolute, out _), "must be an absolute URI");
        if (rules is { HasUriRef: true, UriRef: true })
            Add("uri_ref", static text => Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out _), "must be a URI");
        if (rules is { HasUuid: true, Uuid: true })
            Add("uuid", static text => Guid.TryParseExact(text, "D", out _), "must be a UUID");
        if (KnownPattern(rules) is { } pattern && Compile(pattern) is { } known)
            Add("well_known_regex", known.IsMatch, $"must match {pattern}");
    }

    private void AddBytes(BytesRules rules)
    {
        if (rules.HasConst)
            AddForBytes("const", bytes => bytes == rules.Const, $"must be {rules.Const.Length} certain bytes");
        if (rules.HasLen)
            AddForBytes("len", bytes => (ulong)bytes.Length == rules.Len, $"must be {rules.Len} bytes");
        if (rules.HasMinLen)
            AddForBytes(
                "min_len", bytes => (ulong)bytes.Length >= rules.MinLen, $"must be at least {rules.MinLen} bytes");
        if (rules.HasMaxLen)
            AddForBytes(
                "max_len", bytes => (ulong)bytes.Length <= rules.MaxLen, $"must be at most {rules.MaxLen} bytes");
        if (rules.HasPrefix)
            AddForBytes("prefix", bytes => bytes.Span.StartsWith(rules.Prefix.Span), "must begin with certain bytes");
        if (rules.HasSuffix)
            AddForBytes("suffix", bytes => bytes.Span.EndsWith(rules.Suffix.Span), "must end with certain bytes");
        if (rules.HasContains)
            AddForBytes(
                "contains", bytes => bytes.Span.IndexOf(rules.Contains.Span) >= 0, "must contain certain bytes");
        if (rules.In.Count > 0)
            AddForBytes("in", rules.In.Contains, $"must be one of {rules.In.Count} values");
        if (rules.NotIn.Count > 0)
            AddForBytes("not_in", bytes => !rules.NotIn.Contains(bytes), "must not be one of certain values");
        if (rules.HasPattern && Compile(rules.Pattern) is { } pattern)
            AddForBytes("pattern", bytes => pattern.IsMatch(Encoding.Latin1.GetString(bytes.Span)),
                $"must match {rules.Pattern}");
        if (rules is { HasIp: true, Ip: true })
            AddForBytes("ip", static bytes => bytes.Length is 4 or 16, "must be the 4 or 16 bytes of an IP address");
        if (rules is { HasIpv4: true, Ipv4: true })
            AddForBytes("ipv4", static bytes => bytes.Length == 4, "must be the 4 bytes of an IPv4 address");
        if (rules is { HasIpv6: true, Ipv6: true })
            AddForBytes("ipv6", static bytes => bytes.Length == 16, "must be the 16 bytes of an IPv6 address");
    }

    private void Add(string rule, Func<string, bool> holds, string must) => _checks.Add((rule, holds, must));

    private void AddForBytes(string rule, Func<ByteString, bool> holds, string must) =>
        _byteChecks.Add((rule, holds, must));

    private static string? KnownPattern(StringRules rules)
    {
        if (!rules.HasWellKnownRegex || rules.WellKnownRegex == KnownRegex.Unknown)
            return null;
        // Not strict, both are lines without an end; an empty name is one too.
        if (rules is { HasStrict: true, Strict: false })
            return @"^[^\x00\x0A\x0D]*$";
        return rules.WellKnownRegex == KnownRegex.HttpHeaderName
            ? "^:?[0-9a-zA-Z!#$%&'*+-.^_|~`]+$" : @"^[^\x00-\x08\x0A-\x1F\x7F]*$";
    }

    // Labels of 1 to 63 letters, digits and hyphens, none of which begins or ends with a hyphen; the last label is not
    // all digits, or it would be half an IP address.
    private static bool IsHostname(string text)
    {
        var name = text.EndsWith('.') ? text[..^1] : text;
        var labels = name.Split('.');
        return name.Length is > 0 and <= 253
            && Array.TrueForAll(labels, static label => label.Length is > 0 and <= 63
                && label[0] != '-' && label[^1] != '-'
                && label.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'))
            && !labels[^1].All(char.IsAsciiDigit);
    }

    // IPAddress reads "1" and "1.2" too, which are no address to Envoy.
    private static AddressFamily? FamilyOf(string text) =>
        IPAddress.TryParse(text, out var address)
        && (address.AddressFamily == AddressFamily.InterNetworkV6 || text.Count(static letter => letter == '.') == 3)
            ? address.AddressFamily : null;

    private static ulong Runes(string text) => (ulong)text.EnumerateRunes().Count();

    private static ulong Bytes(string text) => (ulong)Encoding.UTF8.GetByteCount(text);
}
