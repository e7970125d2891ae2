using EdgeCoder.Agent.Git;
using EdgeCoder.Executor;
using EdgeCoder.Executor.Commands;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Agent.Workers;

/// <summary>What the work of leases is put together from.</summary>
public sealed record SubtaskWorkParts
{
    /// <summary>Directory of the attempts: each has a folder that is gone when it ends. Other people's code is never kept.</summary>
    public required string Directory { get; init; }

    /// <summary>The person's configuration directory; its policy narrows repository work.</summary>
    public required string ConfigDirectory { get; init; }

    /// <summary>Runs snippets.</summary>
    public required ICodeExecutor Executor { get; init; }

    /// <summary>Runs a project's programs.</summary>
    public required IProjectSandbox Projects { get; init; }

    /// <summary>The sandbox that proved itself.</summary>
    public required WorkerSandbox Sandbox { get; init; }

    /// <summary>The models.</summary>
    public required IWorkerModels Models { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }
}

/// <summary>Does the work of leases by their kind (agent-executor-models 1.2, worker path): headless, within the subtask's limits, each in its own sandbox run.</summary>
public sealed class SubtaskWork : ISubtaskWork
{
    private readonly SubtaskWorkParts _parts;
    private readonly SnippetWork _snippets;
    private readonly RepositoryChangeWork _repositories;
    private readonly TextWork _text;
    private readonly RecheckWork _rechecks;

    /// <summary>Puts it together and removes what attempts of an earlier process left.</summary>
    public SubtaskWork(SubtaskWorkParts parts)
    {
        _parts = parts;
        _snippets = new(parts.Executor, parts.Sandbox, parts.Time);
        _repositories = new(parts);
        _text = new(parts.Time);
        _rechecks = new(parts);
        Remove(parts.Directory);
        OwnerOnly.CreateDirectory(parts.Directory);
    }

    /// <inheritdoc/>
    public async Task<WorkOutcome> RunAsync(WorkOrder order, Action<WorkStep> progress, CancellationToken cancellationToken)
    {
        if (order.Lease.Purpose != LeasePurpose.Work)
        {
            return await RecheckAsync(order, progress, cancellationToken).ConfigureAwait(false);
        }

        if (order.Subtask.Kind != SubtaskKind.SingleStep && !_parts.Sandbox.Works)
        {
            return new WorkOutcome.GivenBack(ReleaseReasons.Sandbox);
        }

        if (await _parts.Models.ForAsync(order.Subtask.RequestedModel, order.Subtask.ModelRequired == true, cancellationToken).ConfigureAwait(false) is not { } model)
        {
            return new WorkOutcome.GivenBack(ReleaseReasons.Model);
        }

        var folder = Path.Combine(_parts.Directory, Guid.NewGuid().ToString("N"));
        OwnerOnly.CreateDirectory(folder);
        try
        {
            return order.Subtask.Kind switch
            {
                SubtaskKind.MicroLoop => await _snippets.RunAsync(order, model, folder, progress, cancellationToken).ConfigureAwait(false),
                SubtaskKind.RepoChange => await _repositories.RunAsync(order, model, folder, progress, cancellationToken).ConfigureAwait(false),
                SubtaskKind.SingleStep => await _text.RunAsync(order, model, progress, cancellationToken).ConfigureAwait(false),
                _ => new WorkOutcome.GivenBack(ReleaseReasons.Unsupported),
            };
        }
        finally
        {
            Remove(folder);
        }
    }

    private async Task<WorkOutcome> RecheckAsync(WorkOrder order, Action<WorkStep> progress, CancellationToken cancellationToken)
    {
        if (order.Key is not { } key || !_parts.Sandbox.Works)
        {
            return new WorkOutcome.GivenBack(order.Key is null ? ReleaseReasons.Unsupported : ReleaseReasons.Sandbox);
        }

        var folder = Path.Combine(_parts.Directory, Guid.NewGuid().ToString("N"));
        OwnerOnly.CreateDirectory(folder);
        try
        {
            return await _rechecks.RunAsync(order, key, folder, progress, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Remove(folder);
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The next start removes it.
        }
    }
}
