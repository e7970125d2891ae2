using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Trust;
using EdgeCoder.Commands;
using EdgeCoder.Executor;
using EdgeCoder.Executor.Commands;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Settings;

namespace EdgeCoder.Repositories;

/// <summary>The parts of repository work as the program has them.</summary>
internal static class RepositoryComposition
{
    /// <summary>Puts them together. Nothing is opened or looked for yet.</summary>
    public static RepositoryWork Of(Surroundings surroundings)
    {
        var directories = surroundings.Directories();
        var sessions = new SessionStore(directories.Data);
        var trust = new TrustStore(directories.Data, surroundings.Time);
        return new()
        {
            Agent = new RepositoryAgent(new()
            {
                DataDirectory = directories.Data,
                ConfigDirectory = directories.Config,
                Sandbox = new ProjectSandbox(ExecutorParts.Options(surroundings, directories)),
                Sessions = sessions,
                Time = surroundings.Time,
            }),
            Sessions = sessions,
            Servers = new(directories.Data, surroundings.Time),
            Trust = new(trust.IsTrusted, trust.Trust, trust.Forget),
            OpenModelAsync = (model, dataClass, progress, cancellationToken) =>
                OpenAsync(surroundings, directories, new() { Model = model, NeededWindow = RepositoryAgent.LeastWindow }, dataClass, progress, cancellationToken),
        };
    }

    /// <summary>The same with snippets and the sandbox.</summary>
    /// <param name="surroundings">The world.</param>
    /// <param name="executor">Runs programs; the caller keeps owning it. Null: one of its own, closed with what is given back.</param>
    public static LocalWork LocalWork(Surroundings surroundings, ICodeExecutor? executor = null)
    {
        var directories = surroundings.Directories();
        var own = executor is null ? CodeExecutor.Create(ExecutorParts.Options(surroundings, directories)) : null;
        return new()
        {
            Repositories = surroundings.Repositories(surroundings),
            Executor = executor ?? own!,
            OpenModelAsync = (model, dataClass, progress, cancellationToken) => OpenAsync(surroundings, directories, new() { Model = model }, dataClass, progress, cancellationToken),
            Time = surroundings.Time,
            Close = () => own?.DisposeAsync() ?? ValueTask.CompletedTask,
        };
    }

    private static async Task<OpenModel> OpenAsync(
        Surroundings surroundings, ProgramDirectories directories, ModelRequest request, string dataClass, IProgress<string> progress, CancellationToken cancellationToken)
    {
        var hub = ModelParts.Hub(surroundings, directories, dataClass);
        try
        {
            var selected = await hub.OpenAsync(request, progress, cancellationToken);
            return new OpenModel(ModelParts.Agent(selected), selected.Notice, async () =>
            {
                await selected.DisposeAsync();
                await hub.DisposeAsync();
            });
        }
        catch
        {
            await hub.DisposeAsync();
            throw;
        }
    }
}
