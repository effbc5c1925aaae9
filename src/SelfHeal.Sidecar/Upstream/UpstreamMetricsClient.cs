using System.Net;
using System.Net.Http.Headers;
using SelfHeal.Core.Upstream;
using SelfHeal.Sidecar.Config;

namespace SelfHeal.Sidecar.Upstream;

/// <summary>Gets the upstream's metrics and reads them. Not for several threads at once.</summary>
internal sealed class UpstreamMetricsClient : IDisposable
{
    // Istiod with thousands of proxies says a few hundred kilobytes. What is longer is not read any further.
    private const int LengthMax = 16 * 1024 * 1024;

    private static readonly MediaTypeWithQualityHeaderValue Format =
        MediaTypeWithQualityHeaderValue.Parse("text/plain; version=0.0.4");

    private readonly Uri _address;
    private readonly HttpClient _http;

    // It grows to the longest answer and stays.
    private byte[] _text = new byte[64 * 1024];

    /// <summary>A client that has connected to nothing yet.</summary>
    /// <param name="options">Where the metrics are.</param>
    public UpstreamMetricsClient(UpstreamMetricsOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _address = new Uri(options.Address);

        // Behind the address may stand several processes, each with counters of its own: whoever keeps the connection
        // is answered by the same one. No proxy: that the environment has one is no reason to ask it for the upstream.
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionIdleTimeout = options.Interval * 3,
        };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Asks once.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The reading, or why there is none.</returns>
    public async Task<(UpstreamReading? Reading, UpstreamFailure? Failure)> ReadAsync(
        CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _address);
            request.Headers.Accept.Add(Format);
            using var response = await _http.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (CheckHead(response) is { } expected)
                return (null, Unreadable(expected));
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            var length = await ReadAllAsync(body, cancellationToken);
            if (length > LengthMax)
                return (null, Unreadable($"expected at most {LengthMax} bytes"));
            return UpstreamReadingParser.TryRead(_text.AsSpan(0, length), out var reading, out var error)
                ? (reading, null)
                : (null, Unreadable($"expected {error.Expected}", error.Line));
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return (null, new UpstreamFailure(UpstreamAnswer.Unreachable, error.Message));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static UpstreamFailure Unreadable(string reason, int where = 0) =>
        new(UpstreamAnswer.Unreadable, reason, where);

    private static string? CheckHead(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.OK)
            return $"expected status 200, not {(int)response.StatusCode}";
        var type = response.Content.Headers.ContentType;
        var version = type?.Parameters.FirstOrDefault(static p => p.Name == "version")?.Value ?? "0.0.4";
        return type?.MediaType == "text/plain" && version == "0.0.4"
            ? null
            : $"expected text/plain of version 0.0.4, not {type?.ToString() ?? "an answer without Content-Type"}";
    }

    /// <summary>Reads until the end, or until there is one byte too many.</summary>
    private async Task<int> ReadAllAsync(Stream body, CancellationToken cancellationToken)
    {
        var length = 0;
        while (length <= LengthMax)
        {
            if (length == _text.Length)
                Array.Resize(ref _text, Math.Min(_text.Length * 2, LengthMax + 1));
            var read = await body.ReadAsync(_text.AsMemory(length), cancellationToken);
            if (read == 0)
                break;
            length += read;
        }

        return length;
    }
}
