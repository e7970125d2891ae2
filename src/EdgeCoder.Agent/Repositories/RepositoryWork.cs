using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Sessions;

namespace EdgeCoder.Agent.Repositories;

/// <summary>What every surface of repository work is made of: commands, ACP, the endpoint for editors. The program puts it together; tests put scripted parts here.</summary>
public sealed class RepositoryWork : IAsyncDisposable
{
    /// <summary>Begins, resumes and opens sessions.</summary>
    public required IRepositoryAgent Agent { get; init; }

    /// <summary>The kept sessions.</summary>
    public required SessionStore Sessions { get; init; }

    /// <summary>The roots that a person has trusted.</summary>
    public required TrustedRoots Trust { get; init; }

    /// <summary>Opens a model by its id, or the one that the settings choose, for a data class; told what goes on. Throws for one that cannot be had.</summary>
    public required Func<string?, string, IProgress<string>, CancellationToken, Task<OpenModel>> OpenModelAsync { get; init; }

    /// <summary>The MCP servers that a person approved; null: none can be approved here.</summary>
    public Mcp.McpApprovals? Servers { get; init; }

    /// <summary>Closes what the agent used.</summary>
    public Func<ValueTask> Close { get; init; } = () => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Close();
}

/// <summary>A model that is open until this is disposed.</summary>
/// <param name="Model">The model.</param>
/// <param name="Note">What a person should know of it; null when there is nothing.</param>
/// <param name="Close">Closes it.</param>
public sealed record OpenModel(AgentModel Model, string? Note, Func<ValueTask> Close) : IAsyncDisposable
{
    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Close();
}

/// <summary>The roots that a person has trusted once.</summary>
/// <param name="Has">Whether a root, by its path, is trusted.</param>
/// <param name="Add">Remembers that a person trusts it. Throws <see cref="RepositoryException"/> for a directory that may not be a root.</param>
/// <param name="Remove">Forgets it. Gives whether it was there.</param>
public sealed record TrustedRoots(Func<string, bool> Has, Action<string> Add, Func<string, bool> Remove);
