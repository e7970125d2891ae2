namespace EdgeCoder.Acp;

/// <summary>An answer that is an error, of us or of the other side.</summary>
/// <param name="code">Code of JSON-RPC 2.0 or of the Agent Client Protocol.</param>
/// <param name="message">For a person.</param>
internal sealed class RpcException(int code, string message) : Exception(message)
{
    /// <summary>The line is no JSON.</summary>
    public const int ParseError = -32700;

    /// <summary>It is no request.</summary>
    public const int InvalidRequest = -32600;

    /// <summary>Nobody knows the method.</summary>
    public const int MethodNotFound = -32601;

    /// <summary>The parameters do not fit.</summary>
    public const int InvalidParams = -32602;

    /// <summary>It failed here.</summary>
    public const int InternalError = -32603;

    /// <summary>It was cancelled.</summary>
    public const int Cancelled = -32800;

    /// <summary>A session or file is not there.</summary>
    public const int NotFound = -32002;

    /// <summary>The code.</summary>
    public int Code { get; } = code;
}
