using ModelContextProtocol.Protocol;
using ModelContextProtocol.Client;

namespace EdgeCoder.Agent.Mcp;

/// <summary>How a server is reached. The other side is a program in the sandbox, or another machine.</summary>
internal interface IMcpLink : IAsyncDisposable
{
    /// <summary>Opens it; the library speaks over what is given.</summary>
    ValueTask<IClientTransport> OpenAsync(CancellationToken cancellationToken);

    /// <summary>Why the server is gone; null while it is there, or when nobody knows.</summary>
    string? Ended { get; }
}
