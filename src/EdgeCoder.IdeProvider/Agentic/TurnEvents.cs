using System.Runtime.CompilerServices;

namespace EdgeCoder.IdeProvider.Agentic;

/// <summary>An event as it is sent.</summary>
/// <param name="Seq">Its position in the session; 0 for what belongs to this connection only.</param>
/// <param name="Json">The JSON object.</param>
/// <param name="Question">Id of the question that it asks; null for none.</param>
internal sealed record TurnEvent(long Seq, byte[] Json, string? Question = null);

/// <summary>The events of one turn, for as many readers as there are; a slow reader holds up nobody.</summary>
/// <param name="time">The clock.</param>
internal sealed class TurnEvents(TimeProvider time)
{
    // A person may think for minutes; connections that say nothing for so long are cut by those between.
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private readonly List<TurnEvent> _events = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _ended;

    /// <summary>Adds one.</summary>
    public void Add(TurnEvent one) => Change(() => _events.Add(one));

    /// <summary>Nothing more comes.</summary>
    public void End() => Change(() => _ended = true);

    /// <summary>All of them from the first on, to the end; null after each 15 s without one.</summary>
    public async IAsyncEnumerable<TurnEvent?> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var at = 0; ;)
        {
            TurnEvent? next;
            Task more;
            lock (_gate)
            {
                next = at < _events.Count ? _events[at] : null;
                more = _more.Task;
                if (next is null && _ended)
                {
                    yield break;
                }
            }

            if (next is null)
            {
                if (!await CameAsync(more, cancellationToken).ConfigureAwait(false))
                {
                    yield return null;
                }

                continue;
            }

            at++;
            yield return next;
        }
    }

    private async Task<bool> CameAsync(Task more, CancellationToken cancellationToken)
    {
        try
        {
            await more.WaitAsync(Beat, time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private void Change(Action change)
    {
        TaskCompletionSource woken;
        lock (_gate)
        {
            change();
            woken = _more;
            _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        woken.SetResult();
    }
}
