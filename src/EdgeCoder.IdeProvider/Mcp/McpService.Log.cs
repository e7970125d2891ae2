using Microsoft.Extensions.Logging;

namespace EdgeCoder.IdeProvider.Mcp;

/// <content>What the operator is told.</content>
public sealed partial class McpService
{
    // The message of an exception may hold what a caller sent; its type and where it was thrown never do.
    [LoggerMessage(Level = LogLevel.Error, Message = "MCP {Work} failed: {Fault} {Trace}")]
    private static partial void LogFailed(ILogger log, string work, string fault, string? trace);
}
