using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Escalations;

/// <summary>
/// Works the waterfall off, from rows only: whatever is due is claimed for one step, done and written down. Every silo runs one; a claim that its silo
/// did not live to give back lapses.
/// </summary>
internal sealed partial class EscalationWaterfall(EscalationStore store, EscalationSteps steps, EscalationCallback callback, EscalationSettings settings, TimeProvider time, ILogger<EscalationWaterfall> log) : BackgroundService
{
    private const int AtOnce = 8;
    private const long ClaimMs = 90_000;
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Renewal = TimeSpan.FromMilliseconds(ClaimMs / 4);

    private readonly SemaphoreSlim _wake = new(0, 1);

    /// <summary>Something is due now.</summary>
    public void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    /// <summary>Does one step of everything that is due; gives how many rows moved.</summary>
    public async Task<int> WorkOnceAsync(CancellationToken cancellationToken)
    {
        var due = await store.DueAsync(NowMs, AtOnce, cancellationToken).ConfigureAwait(false);
        var moved = await Task.WhenAll(due.Select(row => WorkAsync(row, cancellationToken))).ConfigureAwait(false);
        var told = 0;
        if (settings.CallbackUrl is not null)
        {
            foreach (var row in await store.UntoldAsync(NowMs, AtOnce, cancellationToken).ConfigureAwait(false))
            {
                told += await TellAsync(row, cancellationToken).ConfigureAwait(false) ? 1 : 0;
            }
        }

        return moved.Count(m => m) + told;
    }

    /// <summary>Does one step of one escalation now, unless somebody is at it.</summary>
    public async Task WorkOnAsync(string subtaskId, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(subtaskId, cancellationToken).ConfigureAwait(false) is { } row)
        {
            await WorkAsync(row, cancellationToken).ConfigureAwait(false);
        }

        Wake();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _wake.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var moved = 0;
            try
            {
                moved = await WorkOnceAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                LogUnreadable(fault);
            }

            if (moved == 0)
            {
                await PauseAsync(stoppingToken).ConfigureAwait(false);
            }
        }
    }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        using var pace = new CancellationTokenSource(Pace, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(pace.Token, cancellationToken);
        try
        {
            await _wake.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Time to look, or to stop.
        }
    }

    private async Task<bool> WorkAsync(EscalationRow row, CancellationToken cancellationToken)
    {
        var claimId = Guid.NewGuid().ToString();
        if (!await store.ClaimAsync(row, claimId, NowMs, NowMs + ClaimMs, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        // Between reading and claiming it may have changed; the claim holds it now.
        if (await store.FindAsync(row.SubtaskId, cancellationToken).ConfigureAwait(false) is not { } held || held.ClaimId != claimId)
        {
            return false;
        }

        await using var renewal = time.CreateTimer(_ => Renew(held, claimId), null, Renewal, Renewal);
        try
        {
            var moved = await steps.DoAsync(held, claimId, cancellationToken).ConfigureAwait(false);
            if (moved && await store.FindAsync(row.SubtaskId, cancellationToken).ConfigureAwait(false) is { } after && after.Phase != held.Phase)
            {
                LogMoved(row.SubtaskId, held.Phase, after.Phase);
                return true;
            }

            return false;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await store.ReleaseAsync(held, claimId, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
        catch (Exception fault)
        {
            // One that fails here holds up none of the others; its pause grows with every fault.
            LogFault(fault, row.SubtaskId, held.Phase);
            await store.PostponeAsync(held, claimId, NowMs + EscalationMachine.RetryDelayMs(held.Tries + 1, Pace, 0), cancellationToken).ConfigureAwait(false);
            return false;
        }
    }

    // A back-end may take long. A renewal that fails costs nothing: the step's own write is refused when the claim was lost.
    private void Renew(EscalationRow row, string claimId) => _ = store.RenewAsync(row, claimId, NowMs + ClaimMs).ContinueWith(
        renewed => LogFault(renewed.Exception!.GetBaseException(), row.SubtaskId, row.Phase), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private async Task<bool> TellAsync(EscalationRow row, CancellationToken cancellationToken)
    {
        var status = await callback.SendAsync(row, cancellationToken).ConfigureAwait(false);
        var told = status is >= 200 and < 300;
        if (!told)
        {
            LogUntold(row.SubtaskId, status, row.CallbackTries + 1);
        }

        await store.ToldAsync(row, told, NowMs, cancellationToken).ConfigureAwait(false);
        return told;
    }
}
