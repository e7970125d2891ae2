using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Running;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Verification;

/// <summary>A sandbox whose first program in this process begins with the canaries, and which runs nothing more once one of them got out.</summary>
internal sealed class CanarySandbox(ISandbox inner) : ISandbox
{
    private readonly CanaryGate gate = new();

    /// <inheritdoc/>
    public SnippetLanguage Language => inner.Language;

    /// <inheritdoc/>
    public SandboxIdentity Identity => inner.Identity;

    /// <inheritdoc/>
    public int Kept => inner.Kept;

    /// <inheritdoc/>
    public void Warm() => inner.Warm();

    /// <inheritdoc/>
    public async Task<SandboxOutcome> RunAsync(SandboxJob job, CancellationToken cancellationToken)
    {
        var canaries = gate.IsDemanded ? job.CanaryFrame : null;
        if (gate.Escaped is null)
        {
            var outcome = await inner.RunAsync(canaries is null ? job : job with { Frame = canaries() }, cancellationToken).ConfigureAwait(false);
            if (canaries is not null)
            {
                gate.Judge(outcome);
            }

            if (gate.Escaped is null)
            {
                return outcome;
            }
        }

        return SandboxOutcome.Unsafe(job, gate.Escaped);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
