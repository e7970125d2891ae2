namespace EdgeCoder.Executor.Isolation.WebAssembly;

/// <summary>
/// Promises that were rejected while nobody had asked for their result, until somebody does (ECMA-262, HostPromiseRejectionTracker). What is left when all
/// jobs have run ends the program, as in node.
/// </summary>
internal sealed class RejectedPromises(QuickJsInstance instance)
{
    // A program that rejects without end must not make the host remember without end; the first one decides anyway.
    private const int Most = 1000;

    private readonly Dictionary<long, (int Promise, int Reason)> waiting = [];
    private readonly List<long> order = [];

    /// <summary>Takes what QuickJS tells: the promise and the reason as bits, and whether it is handled now.</summary>
    public void Changed(long promise, long reason, bool handled)
    {
        if (handled)
        {
            if (waiting.Remove(promise, out var held))
            {
                order.Remove(promise);
                instance.Release(held.Promise);
                instance.Release(held.Reason);
            }
        }
        else if (waiting.Count < Most && !waiting.ContainsKey(promise))
        {
            var (kept, why) = (instance.Hold(promise), instance.Hold(reason));
            if (kept != 0 && why != 0)
            {
                waiting[promise] = (kept, why);
                order.Add(promise);
            }
        }
    }

    /// <summary>Takes out the reason of the first one that nobody handled; 0 when there is none.</summary>
    public int TakeFirst()
    {
        if (order.Count == 0)
        {
            return 0;
        }

        var (promise, reason) = waiting[order[0]];
        waiting.Remove(order[0]);
        order.RemoveAt(0);
        instance.Release(promise);
        return reason;
    }
}
