using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Snippets;
using EdgeCoder.Executor;

namespace EdgeCoder.Agent.Repositories;

/// <summary>
/// Everything that a surface needs to work for somebody on this machine: sessions in a repository, snippets, and programs in the sandbox. The program puts it
/// together and owns its parts; a role takes it and opens nothing by itself.
/// </summary>
public sealed class LocalWork : IAsyncDisposable
{
    /// <summary>Sessions of repository work, the trusted roots, and models whose window is large enough for them.</summary>
    public required RepositoryWork Repositories { get; init; }

    /// <summary>Runs programs in the sandbox.</summary>
    public required ICodeExecutor Executor { get; init; }

    /// <summary>Opens a model for a snippet, as <see cref="RepositoryWork.OpenModelAsync"/> does for repository work; a smaller window will do.</summary>
    public required Func<string?, string, IProgress<string>, CancellationToken, Task<OpenModel>> OpenModelAsync { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The kept sessions.</summary>
    public SessionStore Sessions => Repositories.Sessions;

    /// <summary>Writes and tests snippets.</summary>
    public SnippetAgent Snippets => new(Executor, Sessions, Time);

    /// <summary>Closes what it uses besides <see cref="Repositories"/>.</summary>
    public Func<ValueTask> Close { get; init; } = () => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Close().ConfigureAwait(false);
        await Repositories.DisposeAsync().ConfigureAwait(false);
    }
}
