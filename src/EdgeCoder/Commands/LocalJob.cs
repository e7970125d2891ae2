using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Snippets;
using EdgeCoder.Executor;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Terminal;

namespace EdgeCoder.Commands;

/// <summary>The parts of one local job, put together: a model, the sandbox, the place where sessions are kept.</summary>
internal sealed class LocalJob : IAsyncDisposable
{
    // A short job ends with a few runs; a zygote is worth its start from here on.
    private const int FirstRuns = 4;

    private readonly ModelHub _hub;
    private readonly SelectedModel _selected;
    private readonly CodeExecutor _executor;

    private LocalJob(ModelHub hub, SelectedModel selected, CodeExecutor executor, SnippetAgent agent)
    {
        (_hub, _selected, _executor, Agent) = (hub, selected, executor, agent);
        Model = ModelParts.Agent(selected);
    }

    /// <summary>The loop.</summary>
    public SnippetAgent Agent { get; }

    /// <summary>The model, as the loop sees it.</summary>
    public AgentModel Model { get; }

    /// <summary>What a person should know of the model; absent when there is nothing.</summary>
    public string? Note => _selected.Notice;

    /// <summary>Chooses and opens the model and prepares the sandbox. Throws <see cref="ModelException"/> or <see cref="UsageException"/>.</summary>
    public static async Task<LocalJob> OpenAsync(Surroundings surroundings, string? model, string dataClass, SnippetLanguage? language, ProgressLine progress, CancellationToken cancellationToken)
    {
        var directories = surroundings.Directories();
        progress.Show("opening the model");
        var hub = ModelParts.Hub(surroundings, directories, dataClass);
        var executor = CodeExecutor.Create(ExecutorParts.Options(surroundings, directories) with { WarmAfter = FirstRuns });
        try
        {
            var opening = hub.OpenAsync(new ModelRequest { Model = model }, new Progress<string>(progress.Show), cancellationToken);
            // What needs neither the model nor the request goes on meanwhile; what is missing is told by the first run.
            _ = language is { } known ? executor.PrepareAsync(known, cancellationToken) : Task.CompletedTask;
            return new(hub, await opening, executor, new SnippetAgent(executor, new SessionStore(directories.Data), surroundings.Time));
        }
        catch
        {
            await executor.DisposeAsync();
            await hub.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _executor.DisposeAsync();
        await _selected.DisposeAsync();
        await _hub.DisposeAsync();
    }
}
