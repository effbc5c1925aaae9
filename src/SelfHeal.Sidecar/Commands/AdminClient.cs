using System.Net.Sockets;
using System.Text.Json;
using SelfHeal.Sidecar.Admin;

namespace SelfHeal.Sidecar.Commands;

/// <summary>Asks the running process through its admin API.</summary>
internal sealed class AdminClient : IDisposable
{
    // A process that judges answers from memory; whatever takes longer is not our process, or it is stuck.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;
    private readonly string _location;

    private AdminClient(HttpClient http, string location)
    {
        _http = http;
        _location = location;
    }

    /// <summary>How to point a command at the process, for messages.</summary>
    public string Hint => $"looked for it at {_location}; point to it with --admin URL or "
        + $"{CommonOptions.AdminVariable}, or start it with 'selfheal serve --config FILE'";

    /// <summary>Makes a client; null when the text names no place.</summary>
    /// <param name="location"><c>http://HOST:PORT</c> or <c>unix:/PATH</c>.</param>
    public static AdminClient? TryCreate(string location)
    {
        ArgumentNullException.ThrowIfNull(location);
        const string unix = "unix:";
        if (location.StartsWith(unix, StringComparison.Ordinal) && location.Length > unix.Length)
            return new AdminClient(CreateUnix(location[unix.Length..]), location);
        if (!Uri.TryCreate(location, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            return null;
        // A proxy for the outside world must not see what is meant for loopback.
        var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = uri, Timeout = Timeout };
        return new AdminClient(http, location);
    }

    /// <summary>Asks for a path.</summary>
    /// <param name="path">Without a leading slash, segments escaped.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<AdminReply> GetAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (response.IsSuccessStatusCode)
                return new AdminReply.Answered(body);
            var type = response.Content.Headers.ContentType?.MediaType;
            return string.Equals(type, ProblemDocument.ContentType, StringComparison.OrdinalIgnoreCase)
                ? new AdminReply.Refused(Describe(body))
                : new AdminReply.Unreachable($"status {(int)response.StatusCode}, and not from selfheal");
        }
        catch (HttpRequestException exception)
        {
            return new AdminReply.Unreachable(exception.InnerException?.Message ?? exception.Message);
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new AdminReply.Unreachable($"no answer within {Timeout.TotalSeconds} s");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static HttpClient CreateUnix(string path)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        return new HttpClient(handler) { BaseAddress = new Uri("http://localhost"), Timeout = Timeout };
    }

    private static string Describe(byte[] body)
    {
        try
        {
            var problem = JsonSerializer.Deserialize(body, AdminJson.Default.ProblemDocument);
            return $"{problem?.Title}; expected: {problem?.Detail}";
        }
        catch (JsonException)
        {
            return "an error that is not readable";
        }
    }
}
