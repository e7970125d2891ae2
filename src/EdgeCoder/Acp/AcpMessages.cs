using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCoder.Acp;

// Shapes of the Agent Client Protocol, version 1, as far as they are used here (schema: agentclientprotocol.com). Names on the wire are theirs.

/// <summary>Request <c>initialize</c>.</summary>
internal sealed record InitializeRequest(int ProtocolVersion)
{
    public ClientCapabilities? ClientCapabilities { get; init; }
}

internal sealed record ClientCapabilities
{
    public FileSystemCapabilities? Fs { get; init; }
}

internal sealed record FileSystemCapabilities
{
    public bool ReadTextFile { get; init; }
}

internal sealed record InitializeResponse
{
    public int ProtocolVersion { get; init; } = AcpServer.ProtocolVersion;

    public AgentCapabilities AgentCapabilities { get; init; } = new();

    /// <summary>None: nobody has to sign in.</summary>
    public IReadOnlyList<Nothing> AuthMethods { get; init; } = [];

    public required Implementation AgentInfo { get; init; }
}

internal sealed record AgentCapabilities
{
    public bool LoadSession { get; init; } = true;

    public PromptCapabilities PromptCapabilities { get; init; } = new();

    public SessionCapabilities SessionCapabilities { get; init; } = new();
}

internal sealed record PromptCapabilities
{
    public bool Image { get; init; }

    public bool Audio { get; init; }

    public bool EmbeddedContext { get; init; } = true;
}

internal sealed record SessionCapabilities
{
    public Nothing List { get; init; } = new();

    public Nothing Delete { get; init; } = new();

    public Nothing Resume { get; init; } = new();

    public Nothing Close { get; init; } = new();
}

/// <summary>An object without members.</summary>
internal sealed record Nothing;

internal sealed record Implementation(string Name, string Title, string Version);

/// <summary>Requests <c>session/new</c>, <c>session/load</c> and <c>session/resume</c>.</summary>
internal sealed record SessionSetup(string Cwd)
{
    public string? SessionId { get; init; }

    public IReadOnlyList<JsonElement>? McpServers { get; init; }
}

internal sealed record SessionSetupResponse
{
    public string? SessionId { get; init; }

    public required SessionModes Modes { get; init; }
}

internal sealed record SessionModes(string CurrentModeId, IReadOnlyList<SessionModeEntry> AvailableModes);

internal sealed record SessionModeEntry(string Id, string Name, string Description);

internal sealed record SetModeRequest(string SessionId, string ModeId);

/// <summary>Requests and notifications that name a session and nothing else.</summary>
internal sealed record SessionReference(string SessionId);

internal sealed record ListRequest
{
    public string? Cwd { get; init; }
}

internal sealed record ListResponse(IReadOnlyList<ListedSession> Sessions);

internal sealed record ListedSession(string SessionId, string Cwd, string? Title, string? UpdatedAt);

internal sealed record PromptRequest(string SessionId, IReadOnlyList<PromptBlock> Prompt);

/// <summary>A part of a prompt: text, a link or an embedded file.</summary>
internal sealed record PromptBlock(string Type)
{
    public string? Text { get; init; }

    public string? Uri { get; init; }

    public string? Name { get; init; }

    public PromptResource? Resource { get; init; }
}

internal sealed record PromptResource(string Uri)
{
    public string? Text { get; init; }
}

internal sealed record PromptResponse(string StopReason);

/// <summary>Notification <c>session/update</c>.</summary>
internal sealed record SessionNotification(string SessionId, AcpUpdate Update);

/// <summary>One update; which members are there depends on <see cref="SessionUpdate"/>.</summary>
internal sealed record AcpUpdate(string SessionUpdate)
{
    public AcpUpdateContent? Content { get; init; }

    public string? ToolCallId { get; init; }

    public string? Title { get; init; }

    public string? Kind { get; init; }

    public string? Status { get; init; }

    public IReadOnlyList<AcpLocation>? Locations { get; init; }

    public JsonElement? RawInput { get; init; }

    public IReadOnlyList<AcpPlanEntry>? Entries { get; init; }

    public IReadOnlyList<AcpCommand>? AvailableCommands { get; init; }

    public string? CurrentModeId { get; init; }
}

/// <summary>Content of an update: one block of a message, or the list of a tool call.</summary>
[JsonConverter(typeof(AcpUpdateContentConverter))]
internal sealed record AcpUpdateContent(AcpText? Message, IReadOnlyList<AcpToolContent>? Tool);

/// <summary>A text block.</summary>
internal sealed record AcpText(string Type, string Text)
{
    /// <summary>Of a text.</summary>
    public static AcpText Of(string text) => new("text", text);
}

/// <summary>Content of a tool call: a text block, or the change of one file.</summary>
internal sealed record AcpToolContent(string Type)
{
    public AcpText? Content { get; init; }

    public string? Path { get; init; }

    public string? OldText { get; init; }

    public string? NewText { get; init; }

    /// <summary>A text.</summary>
    public static AcpToolContent Words(string text) => new("content") { Content = AcpText.Of(text) };
}

internal sealed record AcpLocation(string Path)
{
    public int? Line { get; init; }
}

internal sealed record AcpPlanEntry(string Content, string Priority, string Status);

internal sealed record AcpCommand(string Name, string Description);

/// <summary>Request <c>session/request_permission</c>, from us to the client.</summary>
internal sealed record PermissionRequest(string SessionId, AcpPermissionCall ToolCall, IReadOnlyList<AcpOption> Options);

/// <summary>The tool call that a permission is for.</summary>
internal sealed record AcpPermissionCall(string ToolCallId)
{
    public string? Title { get; init; }

    public string? Kind { get; init; }

    public string? Status { get; init; }

    public IReadOnlyList<AcpToolContent>? Content { get; init; }

    public IReadOnlyList<AcpLocation>? Locations { get; init; }
}

internal sealed record AcpOption(string OptionId, string Name, string Kind);

internal sealed record PermissionResponse(PermissionOutcome Outcome);

internal sealed record PermissionOutcome(string Outcome)
{
    public string? OptionId { get; init; }
}

/// <summary>Request <c>fs/read_text_file</c>, from us to the client.</summary>
internal sealed record ReadTextFileRequest(string SessionId, string Path);

internal sealed record ReadTextFileResponse(string Content);
