using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Agent.Workers;
using EdgeCoder.Commands;
using EdgeCoder.Coordinator.Composition;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Settings;
using EdgeCoder.Workers;

namespace EdgeCoder.Roles;

/// <summary>
/// The worker of all-in-one. It has a key of its own and speaks to the coordinator like any other; only its enrolment is a call in the process
/// (coordinator-and-mesh 3.1). It opens while the roles serve already, waits for a model that is not there, and pulls nothing before its model is proven and its sandbox has passed its test.
/// </summary>
internal sealed class EmbeddedWorker : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private EmbeddedWorker(string agentId) => AgentId = agentId;

    /// <summary>Its node.</summary>
    public string AgentId { get; }

    /// <summary>Ends when it may work; cancelled when it never will, with its fault then in <see cref="Running"/>.</summary>
    public Task Open => _open.Task;

    /// <summary>Ends with the worker; throws what <see cref="OpenWorker.OpenAsync"/> throws except for a model that is not there, and <see cref="WorkerException"/>.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>Begins to open it. Throws <see cref="UsageException"/> for faults of the settings; everything else is a fault of <see cref="Running"/>.</summary>
    public static EmbeddedWorker Begin(Surroundings surroundings, ProgramDirectories directories, RoleSettings settings, CoordinatorRole coordinator, Action<string> tell)
    {
        var worker = new EmbeddedWorker("self-" + coordinator.Identity.PeerId);
        var own = surroundings.With(new Dictionary<string, string?> { ["AGENT_ID"] = worker.AgentId, ["COORDINATOR_URL"] = settings.PublicUrl(), ["AGENT_REGISTRATION_TOKEN"] = null });
        var files = new WorkerFiles(directories, "self");
        var choices = WorkerChoices.Read(own, files, new WorkerState(files.State).Memory);
        worker.Running = Task.Run(() => worker.RunAsync(own, files, choices, coordinator, tell));
        return worker;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();

        // Whoever waits for Running was told of its fault.
        await Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    /// <summary>1. its key is enrolled; 2. model and sandbox are proven; 3. it works.</summary>
    private async Task RunAsync(Surroundings own, WorkerFiles files, WorkerChoices choices, CoordinatorRole coordinator, Action<string> tell)
    {
        try
        {
            // 1.
            using (var keys = WorkerKeys.Open(files.Keys, AgentId))
            {
                await coordinator.EnrolEmbeddedAsync(AgentId, keys.Signing.PublicKey.Pem, RunningRoles.LocalAccount, _stop.Token);
            }

            // 2.
            await using var worker = await OpenWhenItsModelIsThereAsync(own, files, choices, tell);
            if (!worker.Parts.Sandbox.Works)
            {
                tell($"The worker of this machine has no sandbox, so it does text work only. {worker.Parts.Sandbox.Reason} See: edgecoder doctor");
            }

            // 3.
            _open.TrySetResult();
            await new WorkerRuntime(worker.Parts).RunAsync(_stop.Token, _stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Ended before it was open.
        }
        finally
        {
            _open.TrySetCanceled();
        }
    }

    // A model server may start later than this program, or end for a while: the other roles serve meanwhile, and the worker comes when the model is there.
    private async Task<OpenWorker> OpenWhenItsModelIsThereAsync(Surroundings own, WorkerFiles files, WorkerChoices choices, Action<string> tell)
    {
        var backOff = BackOff.Seeded(Environment.ProcessId);
        string? told = null;
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await OpenWorker.OpenAsync(own, files, choices, Watch(tell), new Progress<string>(), _stop.Token);
            }
            catch (ModelException fault) when (fault.Code != "invalid_settings")
            {
                if (told != fault.Message)
                {
                    told = fault.Message;
                    tell($"worker: waits for its model. {fault.Message} {fault.Hint}".TrimEnd());
                }

                await Task.Delay(backOff.After(failures), own.Time, _stop.Token);
            }
        }
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
