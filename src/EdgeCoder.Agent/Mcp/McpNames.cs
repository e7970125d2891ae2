namespace EdgeCoder.Agent.Mcp;

/// <summary>How tools of MCP servers are named here: pure.</summary>
internal static class McpNames
{
    /// <summary>What every one of them begins with; no tool of EdgeCoder's own does, so none can be put in the place of one.</summary>
    public const string Prefix = "mcp_";

    /// <summary>Longest name that providers of models take.</summary>
    private const int Longest = 64;

    /// <summary>Whether a server can have this name: 1 to 32 of letters, digits, <c>-</c> and <c>_</c>.</summary>
    public static bool IsServer(string name) => name.Length is >= 1 and <= 32 && name.All(IsPlain);

    /// <summary>The name of a server's tool; null for one that has no name that can be written here.</summary>
    public static string? Of(string server, string? tool) =>
        tool is { Length: > 0 } && $"{Prefix}{server}_{string.Concat(tool.Select(letter => IsPlain(letter) ? letter : '_'))}" is var name && name.Length <= Longest ? name : null;

    private static bool IsPlain(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_';
}
