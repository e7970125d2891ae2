using System.Runtime.CompilerServices;
using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Snippets;
using EdgeCoder.Agent.Submissions;
using EdgeCoder.Commands;
using EdgeCoder.Coordination;
using EdgeCoder.Executor;
using EdgeCoder.IdeProvider.Mcp;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Repositories;

namespace EdgeCoder.Mcp;

/// <summary>What the tools of the MCP server work with, as the program has it. Everything that runs here is of class <c>local</c>.</summary>
internal sealed class McpComposition
{
    private const string Local = "local";

    private readonly Surroundings _surroundings;
    private readonly RepositoryOrder? _order;
    private readonly LocalWork _work;

    /// <summary>Puts it together; nothing is opened before the first call.</summary>
    /// <param name="surroundings">The world.</param>
    /// <param name="work">The work of this machine; the caller owns it.</param>
    /// <param name="order">How to work in repositories; null: as usual.</param>
    public McpComposition(Surroundings surroundings, LocalWork work, RepositoryOrder? order)
    {
        var directories = surroundings.Directories();
        (_surroundings, _work, _order) = (surroundings, work, order);
        Parts = new()
        {
            Executor = _work.Executor,
            Sessions = _work.Sessions,
            Places = new(directories.Data, directories.Config),
            ListModels = ListModelsAsync,
            Run = RunAsync,
            Diff = DiffAsync,
            OpenCoordinator = OpenCoordinator,
            Explain = Explain,
            Time = surroundings.Time,
        };
    }

    /// <summary>The parts.</summary>
    public McpParts Parts { get; }

    private async Task<IReadOnlyList<McpModel>> ListModelsAsync(CancellationToken cancellationToken)
    {
        await using var hub = ModelParts.Hub(_surroundings, _surroundings.Directories(), Local);
        var models = await hub.ListAsync(unreachable: _ => { }, cancellationToken);
        return [.. models.Select(model => new McpModel { Id = model.ModelId, Provider = model.Provider, Installed = model.Installed, Active = model.Active, Digest = model.Digest, ProvenContext = model.ProvenContext })];
    }

    private async IAsyncEnumerable<SessionEvent> RunAsync(McpRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var named = run.Model ?? _order?.Model;
        if (run.Root is null)
        {
            await using var small = await _work.OpenModelAsync(named, Local, new Progress<string>(), cancellationToken);
            var task = new SnippetTask
            {
                Request = run.Task,
                Language = run.Language,
                TestFiles = run.Tests is { } tests ? [new(run.Language == SnippetLanguage.JavaScript ? "solution.test.js" : "test_solution.py", tests)] : [],
                MaxSteps = run.MaxSteps,
                MaxTime = run.MaxTime,
            };
            if (task.Problems() is [var problem, ..])
            {
                throw new UsageException(problem.Code, problem.Message);
            }

            await foreach (var one in _work.Snippets.RunAsync(task, small.Model, cancellationToken))
            {
                yield return one;
            }

            yield break;
        }

        await using var model = await _work.Repositories.OpenModelAsync(named, Local, new Progress<string>(), cancellationToken);

        // Nobody can be asked over this connection: what would be asked is refused.
        IApprover approver = new UnattendedApprover();
        var order = (_order?.Task ?? new RepositoryTask { Root = run.Root }) with { Root = run.Root, DataClass = Local, MaxSteps = run.MaxSteps, MaxTime = run.MaxTime };
        await using var session = await _work.Repositories.Agent.BeginAsync(order, model.Model, run.ApproveTests || _order is { ApproveTests: true } ? new TestsAllowed(approver) : approver, cancellationToken);
        await foreach (var one in session.PromptAsync(run.Task, cancellationToken))
        {
            yield return one;
        }
    }

    private SubmitterClient OpenCoordinator()
    {
        var access = Access.Read(_surroundings);
        return access.ApiKey is { } key
            ? new(new() { Coordinator = new(access.CoordinatorUrl), ApiKey = key, AccountId = access.AccountId }, _surroundings.Time)
            : throw new UsageException("swarm_not_configured", $"There is no API key for {access.CoordinatorUrl} on this machine.", "A person starts a coordinator here with edgecoder up, or sets COORDINATOR_URL and EDGECODER_API_KEY. run_task needs none.");
    }

    private async Task<string> DiffAsync(string sessionId, CancellationToken cancellationToken)
    {
        await using var session = await _work.Repositories.Agent.OpenAsync(sessionId, new UnattendedApprover(), cancellationToken);
        return await session.Review.PatchAsync(cancellationToken);
    }

    private static McpProblem? Explain(Exception fault) => fault switch
    {
        ModelException model => new(model.Code, model.Message, model.Hint),
        RepositoryException repository => new(repository.Code, repository.Message, repository.Hint),
        SessionStoreException session => new(session.Code, session.Message, session.Hint),
        UsageException usage => new(usage.Code, usage.Message, usage.Hint),
        CoordinatorException coordinator => new(coordinator.Code, coordinator.Message, coordinator.Hint),
        IOException or UnauthorizedAccessException => new("file_fault", fault.Message, null),
        _ => null,
    };
}
