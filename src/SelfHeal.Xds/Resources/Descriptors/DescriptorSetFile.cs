namespace SelfHeal.Xds.Resources.Descriptors;

/// <summary>
/// The bytes of one <c>google.protobuf.FileDescriptorSet</c>, as <c>protoc --descriptor_set_out</c> and
/// <c>buf build</c> write it, plain or in gzip.
/// </summary>
/// <param name="Path">Names the file in errors.</param>
/// <param name="Bytes">The content.</param>
public sealed record DescriptorSetFile(string Path, ReadOnlyMemory<byte> Bytes);
