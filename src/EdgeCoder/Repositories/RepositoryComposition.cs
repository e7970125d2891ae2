using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Trust;
using EdgeCoder.Commands;
using EdgeCoder.Executor.Commands;
using EdgeCoder.Inference.Providers;

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
            Trust = new(trust.IsTrusted, trust.Trust, trust.Forget),
            OpenModelAsync = async (model, dataClass, progress, cancellationToken) =>
            {
                var hub = ModelParts.Hub(surroundings, directories, dataClass);
                try
                {
                    var selected = await hub.OpenAsync(new ModelRequest { Model = model, NeededWindow = RepositoryAgent.LeastWindow }, progress, cancellationToken);
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
            },
        };
    }
}
