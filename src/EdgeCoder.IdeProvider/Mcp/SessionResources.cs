using System.Globalization;
using System.Text;
using System.Text.Json;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Protocol;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace EdgeCoder.IdeProvider.Mcp;

/// <summary>
/// The kept sessions as resources: the list, the events of one as JSON lines, and its change as a unified diff. What a session read is in its events, so they are
/// no more than the person at this machine, or the holder of a key, may see anyway.
/// </summary>
internal sealed class SessionResources(McpParts parts)
{
    private const string List = "edgecoder://sessions";
    private const int MostListed = 50;
    private const int MostBytes = 1 << 20;

    /// <summary>The resource of a session's change.</summary>
    public static string DiffOf(string sessionId) => $"{List}/{sessionId}/diff";

    /// <summary>The list of sessions, and the newest of them.</summary>
    public ListResourcesResult Listed()
    {
        List<Resource> all = [new() { Uri = List, Name = "sessions", Title = "Sessions", MimeType = "application/json", Description = "All kept sessions, the newest first." }];
        foreach (var session in parts.Sessions.List().Where(session => !session.Damaged).Take(MostListed))
        {
            var title = string.Create(CultureInfo.InvariantCulture, $"{DateTimeOffset.FromUnixTimeMilliseconds(session.AtMs):yyyy-MM-dd HH:mm} {Short(session.Request)}");
            all.Add(new() { Uri = $"{List}/{session.SessionId}", Name = session.SessionId, Title = title, MimeType = "application/jsonl" });
            if (session.Root is not null)
            {
                all.Add(new() { Uri = DiffOf(session.SessionId), Name = session.SessionId + ".diff", Title = "Change: " + title, MimeType = "text/x-diff" });
            }
        }

        return new() { Resources = all };
    }

    /// <summary>How any session is named.</summary>
    public static ListResourceTemplatesResult Templates() => new()
    {
        ResourceTemplates =
        [
            new() { UriTemplate = List + "/{sessionId}", Name = "session", MimeType = "application/jsonl", Description = "The events of a session, one JSON object a line; at most 1 MiB, the newest." },
            new() { UriTemplate = List + "/{sessionId}/diff", Name = "session-diff", MimeType = "text/x-diff", Description = "The whole change of a session of repository work as a unified diff." },
        ],
    };

    /// <summary>Reads one. Throws <see cref="McpProtocolException"/> with the reason.</summary>
    public async Task<ReadResourceResult> ReadAsync(string uri, CancellationToken cancellationToken)
    {
        var (text, type) = uri == List
            ? (JsonSerializer.Serialize(parts.Sessions.List(), McpJson.Default.IReadOnlyListSessionSummary), "application/json")
            : !uri.StartsWith(List + "/", StringComparison.Ordinal) ? throw Unknown(uri)
            : uri[(List.Length + 1)..].Split('/') switch
            {
                [var id] => (Events(id, uri), "application/jsonl"),
                [var id, "diff"] => (await DiffAsync(id, uri, cancellationToken).ConfigureAwait(false), "text/x-diff"),
                _ => throw Unknown(uri),
            };
        return new() { Contents = [new TextResourceContents { Uri = uri, MimeType = type, Text = text }] };
    }

    private string Events(string id, string uri)
    {
        try
        {
            var lines = parts.Sessions.EventsAfter(id, 0).Select(one => JsonSerializer.Serialize(one, ProtocolJson.Default.SessionEvent)).ToList();
            var (from, bytes) = (lines.Count, 0L);
            while (from > 0 && (bytes += Encoding.UTF8.GetByteCount(lines[from - 1]) + 1) <= MostBytes)
            {
                from--;
            }

            return string.Join('\n', lines.Skip(from));
        }
        catch (SessionStoreException fault)
        {
            throw Unknown(uri, fault);
        }
    }

    private async Task<string> DiffAsync(string id, string uri, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(id, "D", out _))
        {
            throw Unknown(uri);
        }

        try
        {
            return await parts.Diff(id, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (parts.Explain(fault) is { } problem)
        {
            throw new McpProtocolException($"{problem.Code}: {problem.Message}{(problem.Next is { } next ? $" {next}" : "")}", fault, McpErrorCode.InvalidParams);
        }
    }

    private static McpProtocolException Unknown(string uri, Exception? fault = null) =>
        new($"There is no resource {Short(uri)}{(fault is null ? "." : $": {fault.Message}")} List them with resources/list.", fault, McpErrorCode.ResourceNotFound);

    /// <summary>A caller's text as one short line.</summary>
    internal static string Short(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return line.Length > 80 ? line[..80] + "…" : line;
    }
}
