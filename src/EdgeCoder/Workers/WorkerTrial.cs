using System.Runtime.CompilerServices;
using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Agent.Power;
using EdgeCoder.Agent.Workers;
using EdgeCoder.Commands;
using EdgeCoder.Diagnosis;
using EdgeCoder.Executor;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Protocol.Power;
using EdgeCoder.Terminal;

namespace EdgeCoder.Workers;

/// <summary>Looks at everything that work needs and tells what is missing. Nothing is registered, leased or run but a program of one line.</summary>
internal sealed class WorkerTrial(Surroundings surroundings, WorkerFiles files, ProgressLine progress)
{
    /// <summary>One finding for each part.</summary>
    public async IAsyncEnumerable<Finding> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var memory = new WorkerState(files.State).Memory;
        var choices = WorkerChoices.Read(surroundings, files, memory);
        yield return Key(choices, memory);

        progress.Show("looking for the coordinator");
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        var (coordinator, found) = await CoordinatorAsync(choices, http, cancellationToken);
        yield return coordinator;
        if (found is not null)
        {
            yield return await ApprovalAsync(choices, memory, found, cancellationToken);
        }

        progress.Show("testing the sandbox");
        yield return await SandboxAsync(cancellationToken);

        progress.Show("opening and proving the model");
        yield return await ModelAsync(cancellationToken);

        yield return await PowerAsync(choices, cancellationToken);
    }

    private Finding Key(WorkerChoices choices, WorkerMemory memory)
    {
        if (files.KeyOwner is not { } owner)
        {
            return memory.RegistrationToken is null && choices.Worker.RegistrationToken is null
                ? Of(FindingState.Fault, "key", "This machine has no key and no join code.", "Get a code with `edgecoder node enroll` on the coordinator, then: edgecoder worker join <code>")
                : Of(FindingState.Ok, "key", $"A code for {choices.Worker.AgentId} is kept; the first start makes the key.");
        }

        try
        {
            using var keys = WorkerKeys.Open(files.Keys, choices.Worker.AgentId);
            return Of(FindingState.Ok, "key", $"{owner}, key {keys.Signing.PublicKey.KeyId}{(memory.Bound ? ", bound" : ", not bound yet")}{(keys.Rotation is null ? "" : "; a new key takes over at the next start")}.");
        }
        catch (WorkerException fault)
        {
            return Of(FindingState.Fault, "key", fault.Message, fault.Hint);
        }
    }

    private async Task<(Finding Finding, FoundCoordinator? Found)> CoordinatorAsync(WorkerChoices choices, HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            var state = new WorkerState(files.State);
            var found = await OpenWorker.Search(surroundings, choices, http, static _ => { }).FindAsync(state.Pins, state.Memory.PeerUrl, cancellationToken);
            return (Of(FindingState.Ok, "coordinator", $"{found.PeerId} at {found.Url} proved its key {found.Key.KeyId}."), found);
        }
        catch (NoCoordinatorException fault)
        {
            return (Of(FindingState.Fault, "coordinator", fault.Message, "Check the address (COORDINATOR_URL, or join again), and that the coordinator runs: edgecoder up"), null);
        }
    }

    private async Task<Finding> ApprovalAsync(WorkerChoices choices, WorkerMemory memory, FoundCoordinator found, CancellationToken cancellationToken)
    {
        if (files.KeyOwner != choices.Worker.AgentId || !memory.Bound)
        {
            return Of(FindingState.Warning, "approval", $"{choices.Worker.AgentId} is not registered there yet.", "Start it: edgecoder worker run");
        }

        try
        {
            using var keys = WorkerKeys.Open(files.Keys, choices.Worker.AgentId);
            using var client = new CoordinatorClient(found, choices.Worker.AgentId, keys.Signing, choices.Coordinators with { Retries = 0 }, surroundings.Time);
            var explained = await client.ExplainAsync(choices.Worker.AgentId, cancellationToken);
            // An agent that nobody hears is offline until it runs: no fault of a trial.
            return explained.CanLease || explained.Status is "active" or "offline"
                ? Of(FindingState.Ok, "approval", explained.CanLease ? $"{choices.Worker.AgentId} is approved." : $"{choices.Worker.AgentId} is approved. {explained.Message}")
                : Of(explained.Status == "pending_approval" ? FindingState.Warning : FindingState.Fault, "approval", explained.Message, explained.Status == "pending_approval" ? $"An operator runs: edgecoder node approve {choices.Worker.AgentId}" : "Ask the operator of the coordinator.");
        }
        catch (CoordinatorFault fault)
        {
            return Of(FindingState.Fault, "approval", $"{fault.FullCode}: {fault.Message}", fault.Status == 401 ? "Join again with a new code: edgecoder worker join <code>" : "Ask the operator of the coordinator.");
        }
    }

    private async Task<Finding> SandboxAsync(CancellationToken cancellationToken)
    {
        await using var executor = CodeExecutor.Create(ExecutorParts.Options(surroundings, files.Directories));
        var sandbox = await WorkerSandbox.ProveAsync(executor, cancellationToken);
        return sandbox.Works
            ? Of(FindingState.Ok, "sandbox", $"{sandbox.Mode} runs {string.Join(" and ", sandbox.Languages.Select(language => language.ToString().ToLowerInvariant()))}.")
            : Of(FindingState.Warning, "sandbox", $"There is none, so only text work can be done: {sandbox.Reason}", "See: edgecoder doctor");
    }

    private async Task<Finding> ModelAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var models = await HubModels.OpenAsync(surroundings, new Progress<string>(progress.Show), cancellationToken);
            var claim = models.Active.Claim;
            return Of(models.Active.Agent.IsDemonstration ? FindingState.Warning : FindingState.Ok, "model", $"{claim.ModelId}: a window of {claim.ProvenContext:N0} tokens is proven.", models.Notice);
        }
        catch (ModelException fault)
        {
            return Of(FindingState.Fault, "model", fault.Message, fault.Hint);
        }
    }

    private async Task<Finding> PowerAsync(WorkerChoices choices, CancellationToken cancellationToken)
    {
        using var sampler = new PowerSampler(PowerSources.OfThisMachine(surroundings.Time), choices.Power, surroundings.Time);
        var sample = await sampler.SampleAsync(cancellationToken);
        var nowMs = surroundings.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var permission = PowerPolicy.Decide(choices.Worker.Os, PowerReading.Received(sample, nowMs), 0, nowMs, choices.Worker.Phone);
        return permission.MayLease
            ? Of(FindingState.Ok, "power", $"{sample.DeviceType ?? "unknown device"}: {permission.Reason}{(permission.SmallTasksOnly ? ", small tasks only" : "")}.")
            : Of(FindingState.Warning, "power", $"No work now: {permission.Reason}.", "Connect the machine to power, or wait.");
    }

    private static Finding Of(FindingState state, string name, string detail, string? remedy = null) => new(name, state, detail, remedy);
}
