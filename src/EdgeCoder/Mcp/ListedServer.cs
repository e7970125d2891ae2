namespace EdgeCoder.Mcp;

/// <summary>A server of <c>edgecoder mcp list --json</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Source"><c>yours</c> or <c>project</c>.</param>
/// <param name="Line">Command line without the values of variables, or address.</param>
/// <param name="Approved">Whether a person approved it as it is listed now.</param>
internal sealed record ListedServer(string Name, string Source, string Line, bool Approved);
