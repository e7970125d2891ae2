using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace EdgeCoder.IdeProvider.Mcp;

/// <summary>Progress of one call, for a client that gave a token for it. How many steps there will be is not known, so no total is told.</summary>
internal sealed class McpProgress(McpServer server, ProgressToken? token)
{
    private int _step;

    /// <summary>Tells one step. The token of the call is not passed on: what is half sent would break the stream.</summary>
    public async ValueTask TellAsync(string message)
    {
        if (token is { } known)
        {
            await server.NotifyProgressAsync(known, new ProgressNotificationValue { Progress = ++_step, Message = message }, cancellationToken: CancellationToken.None).ConfigureAwait(false);
        }
    }
}
