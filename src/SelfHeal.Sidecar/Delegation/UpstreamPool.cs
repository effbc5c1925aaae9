using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SelfHeal.Core.Time;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Config;

namespace SelfHeal.Sidecar.Delegation;

/// <summary>
/// The upstream's addresses and the connections to them, shared by all streams: the address that failed last is the
/// last to be tried again. Safe for use by several threads at once.
/// </summary>
internal sealed class UpstreamPool : IDisposable
{
    // A silent peer is found out after both together, and then its streams move on; Envoys have what they had.
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(5);

    // A message of a megabyte is not to wait for the window to grow.
    private const int StreamWindowBytes = 4 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly UpstreamOptions _options;
    private readonly TimeProvider _time;
    private readonly IRandomSource _random;
    private readonly GrpcChannel?[] _channels;
    private string _fingerprint = "";
    private int _preferred;

    public UpstreamPool(UpstreamOptions options, TimeProvider time, IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _time = time;
        _random = random;
        _channels = new GrpcChannel?[options.Addresses.Length];
    }

    /// <summary>Where the next stream is opened.</summary>
    /// <exception cref="IOException">A file of the TLS cannot be read.</exception>
    /// <exception cref="CryptographicException">A file of the TLS holds something else than it should.</exception>
    public (int Place, string Address, GrpcChannel Channel) Next()
    {
        lock (_lock)
        {
            RenewTls();
            var place = _preferred;
            var address = _options.Addresses[place];
            return (place, address, _channels[place] ??= new GrpcChannel(_time, address, OptionsOf()));
        }
    }

    /// <summary>An address did not answer, or ended its stream: the next one is tried first.</summary>
    /// <param name="place">The address.</param>
    public void OnFailed(int place)
    {
        lock (_lock)
        {
            if (place == _preferred)
                _preferred = (place + 1) % _options.Addresses.Length;
        }
    }

    /// <summary>How long to wait before another attempt.</summary>
    /// <param name="failures">How many attempts failed since the upstream last answered; 0 after an answer.</param>
    public TimeSpan PauseAfter(int failures)
    {
        const int first = 100;
        const int doublingsMax = 16; // 100 ms times 2^16 is beyond any limit.
        var most = Math.Min(
            first * Math.Pow(2, Math.Min(failures, doublingsMax)), _options.BackoffMax.TotalMilliseconds);
        lock (_lock)
            return TimeSpan.FromMilliseconds((most / 2) + _random.NextInt32((int)(most / 2) + 1));
    }

    /// <summary>What goes with the stream: all that Envoy sent with its own, and our token where it sent none.
    /// </summary>
    /// <param name="received">What Envoy sent.</param>
    /// <exception cref="IOException">The token cannot be read.</exception>
    public GrpcMetadata HeadersFor(GrpcMetadata received)
    {
        const string authorization = "authorization";
        var headers = new GrpcMetadata();
        foreach (var entry in received)
        {
            if (entry.Key is "user-agent")
                continue; // Ours says who really asks.
            if (entry.IsBinary)
                headers.Add(entry.Key, entry.Bytes);
            else
                headers.Add(entry.Key, entry.Value);
        }

        if (_options.TokenFile is { } path && received.GetText(authorization) is null)
            headers.Add(authorization, $"Bearer {File.ReadAllText(path).Trim()}");
        return headers;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var channel in _channels)
            channel?.Dispose();
    }

    /// <summary>Channels of files that have changed are let go of: their live streams go on until they end.</summary>
    private void RenewTls()
    {
        if (_options.Tls is not { } tls)
            return;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in (string?[])[tls.Ca, tls.Certificate, tls.Key])
            hash.AppendData(path is null ? [] : SHA256.HashData(File.ReadAllBytes(path)));
        var fingerprint = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (fingerprint == _fingerprint)
            return;
        _fingerprint = fingerprint;
        Array.Clear(_channels);
    }

    private GrpcChannelOptions OptionsOf()
    {
        var options = new GrpcChannelOptions
        {
            MaxReceiveMessageBytes = _options.MaxMessageBytes,
            ConnectTimeout = _options.ConnectTimeout,
            KeepAlivePingDelay = PingDelay,
            KeepAlivePingTimeout = PingTimeout,
            InitialStreamWindowBytes = StreamWindowBytes,
            ServerName = _options.Tls?.ServerName,
        };
        if (_options.Tls is not { } tls)
            return options;
        if (tls.Ca is { } ca)
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(ca);
            options = options with { ServerAuthorities = authorities };
        }

        if (tls is { Certificate: { } certificate, Key: { } key })
        {
            // SslStream on Linux takes a key only from a certificate that was whole when it was read.
            using var pem = X509Certificate2.CreateFromPemFile(certificate, key);
            var ours = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), password: null);
            options = options with { ClientCertificate = () => ours };
        }

        return options;
    }
}
