using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace EdgeCoder.Coordinator.Behaviour;

/// <summary>
/// Agents of whom something bad was just found, for <see cref="BehaviourWatch"/> to look at. However often one is marked, it waits once. What is lost with the process is found by the look of each minute.
/// </summary>
internal sealed class BehaviourMarks
{
    private readonly Channel<string> _agents = Channel.CreateUnbounded<string>();
    private readonly ConcurrentDictionary<string, bool> _waiting = new(StringComparer.Ordinal);

    /// <summary>Marks an agent, after the commit of what was found.</summary>
    public void Mark(string agentId)
    {
        if (_waiting.TryAdd(agentId, true))
        {
            _agents.Writer.TryWrite(agentId);
        }
    }

    /// <summary>Takes them, one by one.</summary>
    public async IAsyncEnumerable<string> TakeAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var agentId in _agents.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            // Before the look: what is found during it is looked at again.
            _waiting.TryRemove(agentId, out _);
            yield return agentId;
        }
    }
}
