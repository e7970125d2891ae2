using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Snippets;
using EdgeCoder.Executor;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Agent.Workers;

/// <summary>A snippet and its tests, through the same loop as on a person's own machine (agent-executor-models 1.2).</summary>
internal sealed class SnippetWork(ICodeExecutor executor, WorkerSandbox sandbox, TimeProvider time)
{
    private const int UsualIterations = 2;
    private const int UsualSteps = 20;
    private const long UsualMemory = 256L << 20;
    private const long MostTestBytes = 1 << 20;

    /// <summary>Works.</summary>
    public async Task<WorkOutcome> RunAsync(WorkOrder order, WorkerModel model, string directory, Action<WorkStep> progress, CancellationToken cancellationToken)
    {
        // 1. Nothing is begun that cannot be obeyed.
        if (Language(order.Subtask.Language) is not { } language)
        {
            return new WorkOutcome.GivenBack(ReleaseReasons.Unsupported);
        }

        if (!sandbox.Languages.Contains(language))
        {
            return new WorkOutcome.GivenBack(ReleaseReasons.Sandbox);
        }

        var limits = Limits(order);
        if (limits.Fault(language) is not null || order.Subtask.AttemptTimeoutMs <= 0)
        {
            return new WorkOutcome.GivenBack(ReleaseReasons.Limits);
        }

        // 2. The check's own tests decide, so they are what their hashes say or the lease goes back.
        if (await TestsAsync(order, cancellationToken).ConfigureAwait(false) is not { } tests)
        {
            return new WorkOutcome.GivenBack(ReleaseReasons.Check);
        }

        // 3. The loop.
        var asked = order.Subtask.Limits;
        var task = new SnippetTask
        {
            Request = order.Subtask.Input,
            Language = language,
            TestFiles = tests,
            MaxIterations = asked?.MaxSteps is { } iterations ? Math.Clamp(iterations, 1, 100) : UsualIterations,
            MaxSteps = asked?.MaxSteps is { } most ? Math.Clamp(most * 2 + 4, UsualSteps, 1_000) : UsualSteps,
            MaxTokens = asked?.MaxTokens is > 0 ? asked.MaxTokens : null,
            MaxTime = TimeSpan.FromMilliseconds(order.Subtask.AttemptTimeoutMs),
            Limits = limits,
            DataClass = order.Subtask.DataClass == SharedDataClass.Team ? "team" : "mesh",
        };
        var reading = new SessionReading(progress);
        await foreach (var sessionEvent in new SnippetAgent(executor, new SessionStore(directory), time).RunAsync(task, model.Agent, cancellationToken).ConfigureAwait(false))
        {
            reading.Read(sessionEvent);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return reading.Outcome(order.Subtask.AcceptanceCheck is not null, patch: null, cancelled: false);
    }

    internal static SnippetLanguage? Language(string name) => name switch
    {
        "python" => SnippetLanguage.Python,
        "javascript" => SnippetLanguage.JavaScript,
        _ => null,
    };

    /// <summary>The run's limits: the subtask's time, and the owner's memory where it is less than usual.</summary>
    internal static RequestedLimits Limits(WorkOrder order) => new()
    {
        Time = TimeSpan.FromMilliseconds(order.Subtask.TimeoutMs),
        MemoryBytes = (long)order.Policy.MemoryLimitMb << 20 is var allowed && allowed < UsualMemory ? allowed : null,
    };

    private static async Task<IReadOnlyList<SnippetFile>?> TestsAsync(WorkOrder order, CancellationToken cancellationToken)
    {
        var files = new List<SnippetFile>();
        foreach (var file in order.Subtask.AcceptanceCheck?.Files ?? [])
        {
            try
            {
                if (await BlobFetch.BytesAsync(order, file.Sha256, MostTestBytes, cancellationToken).ConfigureAwait(false) is not { } bytes)
                {
                    return null;
                }

                files.Add(new(file.Path, System.Text.Encoding.UTF8.GetString(bytes)));
            }
            catch (CoordinatorFault)
            {
                return null;
            }
        }

        return files;
    }
}
