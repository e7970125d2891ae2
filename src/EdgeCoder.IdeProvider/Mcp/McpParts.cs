using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Submissions;
using EdgeCoder.Executor;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.IdeProvider.Mcp;

/// <summary>What the tools of the MCP server work with. The program puts it together; tests put scripted parts here.</summary>
public sealed record McpParts
{
    /// <summary>Runs snippets. The caller owns it.</summary>
    public required ICodeExecutor Executor { get; init; }

    /// <summary>The kept sessions.</summary>
    public required SessionStore Sessions { get; init; }

    /// <summary>Where policies of a project and the list of trusted roots are read from.</summary>
    public required McpPlaces Places { get; init; }

    /// <summary>The models of this machine, and of the operator's servers, that could be used now.</summary>
    public required Func<CancellationToken, Task<IReadOnlyList<McpModel>>> ListModels { get; init; }

    /// <summary>Works on a request on this machine, as class <c>local</c>. Nobody can be asked: what rules do not allow is refused. The last event is the end.</summary>
    public required Func<McpRun, CancellationToken, IAsyncEnumerable<SessionEvent>> Run { get; init; }

    /// <summary>The whole change of a session of repository work as a unified diff, computed from its trees.</summary>
    public required Func<string, CancellationToken, Task<string>> Diff { get; init; }

    /// <summary>Opens the coordinator that a person named, with this machine's own credentials. Throws when there are none.</summary>
    public required Func<SubmitterClient> OpenCoordinator { get; init; }

    /// <summary>The exception of a part, told to the caller: code, message, what to do next. Null: nobody knows it.</summary>
    public Func<Exception, McpProblem?> Explain { get; init; } = _ => null;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>Where files of this machine are.</summary>
/// <param name="Data">EdgeCoder's data directory.</param>
/// <param name="Config">The person's configuration directory.</param>
/// <param name="ManagedPolicy">The administrator's policy; null: its usual place.</param>
public sealed record McpPlaces(string Data, string Config, string? ManagedPolicy = null);

/// <summary>A model of the list.</summary>
public sealed record McpModel
{
    /// <summary>Exact id.</summary>
    public required string Id { get; init; }

    /// <summary>Its provider.</summary>
    public required string Provider { get; init; }

    /// <summary>Whether it is on this machine already.</summary>
    public required bool Installed { get; init; }

    /// <summary>Whether it is the active model.</summary>
    public required bool Active { get; init; }

    /// <summary>Its digest; absent where it has none.</summary>
    public string? Digest { get; init; }

    /// <summary>Its proven window in tokens; absent before it was proven.</summary>
    public int? ProvenContext { get; init; }
}

/// <summary>A request that is worked on here.</summary>
public sealed record McpRun
{
    /// <summary>What is wanted.</summary>
    public required string Task { get; init; }

    /// <summary>Language of a snippet.</summary>
    public SnippetLanguage Language { get; init; }

    /// <summary>The caller's tests of a snippet; absent: the model writes some.</summary>
    public string? Tests { get; init; }

    /// <summary>The project to be changed, in a worktree; absent: a snippet.</summary>
    public string? Root { get; init; }

    /// <summary>Exact id of the model; absent: the settings choose.</summary>
    public string? Model { get; init; }

    /// <summary>Whether the project's own test command may run in the sandbox without a question.</summary>
    public bool ApproveTests { get; init; }

    /// <summary>Most model calls.</summary>
    public int MaxSteps { get; init; } = 20;

    /// <summary>Most wall time.</summary>
    public required TimeSpan MaxTime { get; init; }
}

/// <summary>What went wrong, and what to do next.</summary>
/// <param name="Code">Stable code.</param>
/// <param name="Message">For a person and a model.</param>
/// <param name="Next">What to do next; null when nothing helps.</param>
public sealed record McpProblem(string Code, string Message, string? Next);
