using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace SelfHeal.Sidecar.Security;

/// <summary>Reads the alternative names of a certificate's subject (RFC 5280, section 4.2.1.6).</summary>
internal static class SubjectNames
{
    private const string ExtensionId = "2.5.29.17";

    // Tags of GeneralName that name a workload or a host; directory names and the like are of no use here.
    private const int Email = 1;
    private const int Dns = 2;
    private const int Uri = 6;
    private const int Address = 7;

    /// <summary>URIs, DNS names, addresses and e-mail addresses, in the order of the certificate.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <returns>Empty where there are none, or where they cannot be read: such a certificate names nobody.</returns>
    public static ImmutableArray<string> Of(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var names = ImmutableArray.CreateBuilder<string>();
        foreach (var extension in certificate.Extensions)
        {
            if (extension.Oid?.Value != ExtensionId)
                continue;
            try
            {
                Read(extension.RawData, names);
            }
            catch (AsnContentException)
            {
                return [];
            }
        }

        return names.ToImmutable();
    }

    private static void Read(byte[] value, ImmutableArray<string>.Builder names)
    {
        var sequence = new AsnReader(value, AsnEncodingRules.DER).ReadSequence();
        while (sequence.HasData)
        {
            var tag = sequence.PeekTag();
            switch (tag.TagClass is TagClass.ContextSpecific ? tag.TagValue : -1)
            {
                case Email or Dns or Uri:
                    names.Add(sequence.ReadCharacterString(UniversalTagNumber.IA5String, tag));
                    break;
                case Address:
                    var address = sequence.ReadOctetString(tag);
                    if (address.Length is 4 or 16)
                        names.Add(new IPAddress(address).ToString());
                    break;
                default:
                    sequence.ReadEncodedValue();
                    break;
            }
        }
    }
}
