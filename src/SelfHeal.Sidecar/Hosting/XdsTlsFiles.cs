using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Security;

namespace SelfHeal.Sidecar.Hosting;

/// <summary>
/// The TLS of the xDS listeners as the files have it now. Connections that are open keep what they began with.
/// </summary>
internal sealed class XdsTlsFiles
{
    private readonly XdsTlsOptions _options;
    private readonly ImmutableArray<IdentityPattern> _clients;
    private volatile XdsTls _current;
    private string _fingerprint;

    /// <summary>Reads the files for the first time.</summary>
    /// <param name="options">Where they are.</param>
    /// <exception cref="TlsFailedException">One of them cannot be used.</exception>
    public XdsTlsFiles(XdsTlsOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _clients = [.. options.ClientSans.Select(Parse)];
        _current = XdsTls.Load(options);
        _fingerprint = Fingerprint();
    }

    /// <summary>Told of every client whose certificate is good and whose names are not allowed.</summary>
    public Action<PeerIdentity>? OnRefused { get; set; }

    /// <summary>What listeners are given.</summary>
    public GrpcServerTls Server => new()
    {
        Certificate = () => _current.Certificate,
        Chain = () => _current.Chain,
        RequireClientCertificate = _options.ClientCa is not null,
        ClientAuthorities = _options.ClientCa is null ? null : () => _current.ClientAuthorities ?? [],
        ValidateClient = _clients.IsEmpty ? null : IsAllowed,
    };

    /// <summary>Reads the files again if they have changed.</summary>
    /// <returns>Whether they had.</returns>
    /// <exception cref="TlsFailedException">
    /// One of them cannot be used, perhaps because another is still being written: what was read before stays, and the
    /// next change is tried again.
    /// </exception>
    public bool Reload()
    {
        var fingerprint = Fingerprint();
        if (fingerprint == _fingerprint)
            return false;
        _fingerprint = fingerprint;
        _current = XdsTls.Load(_options);
        return true;
    }

    private static IdentityPattern Parse(string text) =>
        IdentityPattern.TryParse(text, out var pattern, out var problem)
        ? pattern
        : throw new TlsFailedException("xds.tls.client_sans", problem, null);

    private bool IsAllowed(X509Certificate2 certificate)
    {
        var names = SubjectNames.Of(certificate);
        foreach (var pattern in _clients)
        {
            if (names.Any(name => pattern.IsMatch(name, new Dictionary<string, string>(StringComparer.Ordinal))))
                return true;
        }

        OnRefused?.Invoke(new PeerIdentity(certificate.Subject, names, HasCertificate: true));
        return false;
    }

    /// <summary>Over the contents: a mounted Secret changes by a symbolic link, whose times say nothing.</summary>
    private string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in (string?[])[_options.Certificate, _options.Key, _options.ClientCa])
        {
            try
            {
                hash.AppendData(path is null ? [] : SHA256.HashData(File.ReadAllBytes(path)));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                hash.AppendData([0]); // It is being replaced, or it has gone: what comes next differs from this.
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
