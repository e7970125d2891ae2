using EdgeCoder.Executor;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.TestKit.Execution;

/// <summary>
/// An executor whose results are written by the test. A rule looks at the request and says what the real one would; it keeps what it was asked.
/// </summary>
public sealed class ScriptedExecutor(Func<RunRequest, CancellationToken, Task<RunResult>> rule) : ICodeExecutor
{
    private readonly List<RunRequest> _requests = [];

    /// <summary>An executor with a rule that needs no waiting.</summary>
    public ScriptedExecutor(Func<RunRequest, RunResult> rule)
        : this((request, _) => Task.FromResult(rule(request)))
    {
    }

    /// <summary>The requests so far.</summary>
    public IReadOnlyList<RunRequest> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    /// <inheritdoc/>
    public Task<RunResult> RunAsync(RunRequest request, CancellationToken cancellationToken)
    {
        lock (_requests)
        {
            _requests.Add(request);
        }

        return rule(request, cancellationToken);
    }

    /// <summary>Whether a request is the run of tests against the always-raising stub.</summary>
    public static bool IsStubRun(RunRequest request) => request.Files[0].Text.Contains("stub", StringComparison.Ordinal);
}
