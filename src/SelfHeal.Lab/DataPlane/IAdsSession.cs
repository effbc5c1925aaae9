namespace SelfHeal.Lab.DataPlane;

/// <summary>
/// The client's side of one form of the ADS protocol, without I/O: messages in, messages out. The two forms are state
/// of the world and delta.
/// </summary>
internal interface IAdsSession<TRequest, TResponse>
{
    /// <summary>A new stream: nonces are forgotten, what is held and wanted is not.</summary>
    IReadOnlyList<TRequest> Open();

    /// <summary>Applies a response: its ACK or NACK, followed by requests for what it made necessary.</summary>
    IReadOnlyList<TRequest> OnResponse(TResponse response);
}
