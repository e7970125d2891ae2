using System.Threading.Channels;
using EdgeCoder.Agent.Workers;
using EdgeCoder.Protocol.Results;

namespace EdgeCoder.Agent.Tests.Workers;

/// <summary>Work that ends when and as the test says.</summary>
internal sealed class ScriptedWork(Func<WorkOrder, CancellationToken, Task<WorkOutcome>> rule) : ISubtaskWork
{
    /// <summary>Orders, in the order in which they began.</summary>
    public Channel<WorkOrder> Begun { get; } = Channel.CreateUnbounded<WorkOrder>();

    /// <summary>Orders whose work was cancelled.</summary>
    public Channel<WorkOrder> Cancelled { get; } = Channel.CreateUnbounded<WorkOrder>();

    /// <summary>Work that is done at once.</summary>
    public static ScriptedWork Done(string output = "def add(a, b): return a + b") => new((_, _) => Task.FromResult<WorkOutcome>(Outcome(output)));

    /// <summary>Work that never ends by itself.</summary>
    public static ScriptedWork Endless() => new(async (_, token) =>
    {
        await new TaskCompletionSource().Task.WaitAsync(token);
        return Outcome("");
    });

    /// <summary>A good end.</summary>
    public static WorkOutcome.Done Outcome(string output) => new() { Ok = true, Output = output, Logs = "{}"u8.ToArray(), Model = new("scripted", "sha256:abc"), Sandbox = new SandboxClaim("namespaces", "d1") };

    public async Task<WorkOutcome> RunAsync(WorkOrder order, Action<WorkStep> progress, CancellationToken cancellationToken)
    {
        progress(new(1, "coding"));
        Begun.Writer.TryWrite(order);
        try
        {
            return await rule(order, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Cancelled.Writer.TryWrite(order);
            throw;
        }
    }
}
