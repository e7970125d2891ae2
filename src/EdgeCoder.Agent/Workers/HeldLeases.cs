using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Protocol.Leases;

namespace EdgeCoder.Agent.Workers;

/// <summary>An attempt under way.</summary>
internal sealed class HeldLease(Lease lease, ICoordinator coordinator, CancellationToken stop) : IDisposable
{
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(stop);

    /// <summary>Its lease.</summary>
    public Lease Lease => lease;

    /// <summary>Who granted it.</summary>
    public ICoordinator Coordinator => coordinator;

    /// <summary>Last step; the default before the first.</summary>
    public WorkStep Step { get; set; }

    /// <summary>How the coordinator took it away: <c>revoked</c> or <c>unknown</c>; null while it stands.</summary>
    public string? Withdrawn { get; private set; }

    /// <summary>Ends the work.</summary>
    public CancellationToken Token => _end.Token;

    /// <summary>The coordinator took the lease away.</summary>
    public void Withdraw(string state)
    {
        if (Withdrawn is not null)
        {
            return;
        }

        Withdrawn = state;
        try
        {
            _end.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The attempt ended just now, between being found and being withdrawn.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _end.Dispose();
}

/// <summary>The attempts under way, by lease. May be used by several threads.</summary>
internal sealed class HeldLeases
{
    private readonly Dictionary<string, HeldLease> _held = new(StringComparer.Ordinal);
    private readonly Lock _turn = new();
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>How many.</summary>
    public int Count
    {
        get
        {
            lock (_turn)
            {
                return _held.Count;
            }
        }
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<HeldLease> All
    {
        get
        {
            lock (_turn)
            {
                return [.. _held.Values];
            }
        }
    }

    /// <summary>Completes at the next change.</summary>
    public Task Changed
    {
        get
        {
            lock (_turn)
            {
                return _changed.Task;
            }
        }
    }

    /// <summary>Adds one; false when the lease is held already.</summary>
    public bool TryAdd(HeldLease lease)
    {
        lock (_turn)
        {
            if (!_held.TryAdd(lease.Lease.LeaseId, lease))
            {
                return false;
            }

            Signal();
            return true;
        }
    }

    /// <summary>Removes one.</summary>
    public void Remove(HeldLease lease)
    {
        lock (_turn)
        {
            _held.Remove(lease.Lease.LeaseId);
            Signal();
        }
    }

    /// <summary>Takes one away by its id, when it is held.</summary>
    public void Withdraw(string leaseId, string state)
    {
        HeldLease? lease;
        lock (_turn)
        {
            lease = _held.GetValueOrDefault(leaseId);
        }

        lease?.Withdraw(state);
    }

    /// <summary>Completes when none is left.</summary>
    public async Task EmptyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = Changed;
            if (Count == 0)
            {
                return;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Signal()
    {
        var signal = _changed;
        _changed = NewSignal();
        signal.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
