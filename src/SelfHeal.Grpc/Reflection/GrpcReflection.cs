using Google.Protobuf.Reflection;
using SelfHeal.Grpc.Reflection.V1;

namespace SelfHeal.Grpc;

/// <summary>
/// Server reflection (<c>grpc.reflection.v1</c> and <c>v1alpha</c>): tells tools such as grpcurl what the server
/// serves. It is told what to tell; nothing is looked up by .NET reflection.
/// </summary>
public sealed class GrpcReflection
{
    private readonly string[] _services;
    private readonly GrpcDescriptorIndex _index;

    /// <summary>Prepares the answers.</summary>
    /// <param name="serviceNames">Full names of the services to list; those of reflection itself are added.</param>
    /// <param name="files">Files that describe them; what they import is added.</param>
    public GrpcReflection(IEnumerable<string> serviceNames, IEnumerable<FileDescriptor> files)
    {
        ArgumentNullException.ThrowIfNull(serviceNames);
        ArgumentNullException.ThrowIfNull(files);
        _services = [.. serviceNames.Union(ServiceNames, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        _index = new GrpcDescriptorIndex(
            [.. files, ReflectionReflection.Descriptor, Reflection.V1Alpha.ReflectionReflection.Descriptor]);
    }

    /// <summary>Names of the two services that <see cref="CreateServices"/> makes.</summary>
    public static IReadOnlyList<string> ServiceNames { get; } =
        ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];

    /// <summary>Makes the services for both versions, whose messages are the same on the wire.</summary>
    public GrpcService[] CreateServices() =>
        [.. ServiceNames.Select(name => new GrpcService(name)
            .Duplex<ServerReflectionRequest, ServerReflectionResponse>(
                "ServerReflectionInfo", ServerReflectionRequest.Parser, AnswerAllAsync))];

    internal ServerReflectionResponse Answer(ServerReflectionRequest request)
    {
        var response = new ServerReflectionResponse { ValidHost = request.Host, OriginalRequest = request };
        switch (request.MessageRequestCase)
        {
            case ServerReflectionRequest.MessageRequestOneofCase.ListServices:
                response.ListServicesResponse = new ListServiceResponse();
                response.ListServicesResponse.Service.AddRange(_services.Select(s => new ServiceResponse { Name = s }));
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileByFilename:
                AnswerFile(response, _index.FileByName(request.FileByFilename), request.FileByFilename);
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol:
                AnswerFile(response, _index.FileBySymbol(request.FileContainingSymbol), request.FileContainingSymbol);
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingExtension:
                var (type, number) =
                    (request.FileContainingExtension.ContainingType, request.FileContainingExtension.ExtensionNumber);
                AnswerFile(response, _index.FileByExtension(type, number), $"{type} extension {number}");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType:
                AnswerNumbers(response, request.AllExtensionNumbersOfType);
                break;
            default:
                Fail(response, GrpcStatusCode.InvalidArgument, "the request asks nothing");
                break;
        }
        return response;
    }

    private async Task AnswerAllAsync(
        GrpcRequestReader<ServerReflectionRequest> requests,
        GrpcResponseWriter<ServerReflectionResponse> responses,
        GrpcCall call)
    {
        while (await requests.MoveNextAsync(call.CancellationToken))
            await responses.WriteAsync(Answer(requests.Current), call.CancellationToken);
    }

    private void AnswerNumbers(ServerReflectionResponse response, string type)
    {
        if (_index.ExtensionNumbers(type) is not { } numbers)
        {
            Fail(response, GrpcStatusCode.NotFound, $"unknown type '{type}'");
            return;
        }
        response.AllExtensionNumbersResponse = new ExtensionNumberResponse { BaseTypeName = type };
        response.AllExtensionNumbersResponse.ExtensionNumber.AddRange(numbers);
    }

    private static void AnswerFile(ServerReflectionResponse response, FileDescriptor? file, string asked)
    {
        if (file is null)
        {
            Fail(response, GrpcStatusCode.NotFound, $"unknown '{asked}'");
            return;
        }
        response.FileDescriptorResponse = new FileDescriptorResponse();
        response.FileDescriptorResponse.FileDescriptorProto.AddRange(
            GrpcDescriptorIndex.WithImports(file).Select(f => f.SerializedData));
    }

    private static void Fail(ServerReflectionResponse response, GrpcStatusCode code, string message) =>
        response.ErrorResponse = new ErrorResponse { ErrorCode = (int)code, ErrorMessage = message };
}
