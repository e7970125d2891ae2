using EdgeCoder.Agent.Workers;
using EdgeCoder.Commands;
using EdgeCoder.Coordinator.Composition;
using EdgeCoder.Settings;
using EdgeCoder.Workers;

namespace EdgeCoder.Roles;

/// <summary>
/// The worker of all-in-one. It has a key of its own and speaks to the coordinator like any other; only its enrolment is a call in the process
/// (coordinator-and-mesh 3.1).
/// </summary>
internal sealed class EmbeddedWorker : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly OpenWorker _worker;

    private EmbeddedWorker(OpenWorker worker, string agentId)
    {
        (_worker, AgentId) = (worker, agentId);
        Running = Task.Run(() => new WorkerRuntime(worker.Parts).RunAsync(_stop.Token, _stop.Token));
    }

    /// <summary>Its node.</summary>
    public string AgentId { get; }

    /// <summary>Ends with the worker; a fault is a <see cref="WorkerException"/>.</summary>
    public Task Running { get; }

    /// <summary>Enrols and starts it. Throws what <see cref="OpenWorker.OpenAsync"/> throws.</summary>
    public static async Task<EmbeddedWorker> StartAsync(
        Surroundings surroundings, ProgramDirectories directories, RoleSettings settings, CoordinatorRole coordinator, Action<string> tell, CancellationToken cancellationToken)
    {
        var agentId = "self-" + coordinator.Identity.PeerId;
        var own = surroundings.With(new Dictionary<string, string?> { ["AGENT_ID"] = agentId, ["COORDINATOR_URL"] = settings.PublicUrl(), ["AGENT_REGISTRATION_TOKEN"] = null });
        var files = new WorkerFiles(directories, "self");
        using (var keys = WorkerKeys.Open(files.Keys, agentId))
        {
            await coordinator.EnrolEmbeddedAsync(agentId, keys.Signing.PublicKey.Pem, RunningRoles.LocalAccount, cancellationToken);
        }

        var choices = WorkerChoices.Read(own, files, new WorkerState(files.State).Memory);
        var worker = await OpenWorker.OpenAsync(own, files, choices, Watch(tell), new Progress<string>(), cancellationToken);
        if (!worker.Parts.Sandbox.Works)
        {
            tell($"The worker of this machine has no sandbox, so it does text work only. {worker.Parts.Sandbox.Reason} See: edgecoder doctor");
        }

        return new(worker, agentId);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await Running;
        }
        catch (WorkerException)
        {
            // Whoever waits for Running was told.
        }

        await _worker.DisposeAsync();
        _stop.Dispose();
    }

    // What concerns a person of this machine; leases and progress are seen with edgecoder status.
    private static Action<WorkerEvent> Watch(Action<string> tell) => said =>
    {
        if (said.Type is WorkerEventTypes.Notice)
        {
            tell("worker: " + said.Message);
        }
    };
}
