using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace SelfHeal.Benchmarks.Delegation;

/// <summary>
/// Istio's objects in the API server, over one kept connection: what a change costs is not the start of a program.
/// </summary>
internal sealed class MeshApi : IDisposable
{
    private const string Objects = "/apis/networking.istio.io/v1/namespaces/default/";

    private readonly HttpClient _client;

    /// <param name="kubeConfig">The file that <c>mesh</c> writes.</param>
    public MeshApi(string kubeConfig)
    {
        var text = File.ReadAllText(kubeConfig);
        var authority = X509CertificateLoader.LoadCertificateFromFile(Read(text, "certificate-authority"));
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            certificate is not null && certificate.GetRawCertData().AsSpan().SequenceEqual(authority.RawData);
        _client = new HttpClient(handler) { BaseAddress = new Uri(Read(text, "server")) };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", Read(text, "token"));
    }

    /// <summary>Makes an object.</summary>
    /// <param name="kind">As in paths, such as <c>gateways</c>.</param>
    /// <param name="json">The object.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task CreateAsync(string kind, string json, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, kind, json, "application/json", cancellationToken);

    /// <summary>Changes an object: what the patch names is replaced.</summary>
    /// <param name="path">Kind and name.</param>
    /// <param name="json">A merge patch (RFC 7396).</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task PatchAsync(string path, string json, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, path, json, "application/merge-patch+json", cancellationToken);

    /// <summary>Removes an object.</summary>
    /// <param name="path">Kind and name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task DeleteAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, path, "", "application/json", cancellationToken);

    public void Dispose() => _client.Dispose();

    /// <summary>A value in double quotes: all that there is of YAML in this file.</summary>
    private static string Read(string text, string key)
    {
        var start = text.IndexOf($"{key}: \"", StringComparison.Ordinal);
        if (start < 0)
            throw new InvalidDataException($"the kubeconfig of mesh has no {key}");
        start += key.Length + 3;
        return text[start..text.IndexOf('"', start)];
    }

    private async Task SendAsync(
        HttpMethod method, string path, string json, string type, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(Objects + path, UriKind.Relative));
        if (json.Length > 0)
            request.Content = new StringContent(json, Encoding.UTF8, type);
        using var response = await _client.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException(
                $"{method} {path}: {response.StatusCode}, "
                + await response.Content.ReadAsStringAsync(cancellationToken));
        }
    }
}
