using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.Hosting;

namespace EdgeCoder.Coordinator.Storage;

/// <summary>
/// An embedded store has one process. Claims that an earlier one did not live to give back are held by nobody, so verification and escalations go on at
/// once after a kill instead of when the claims lapse. On a shared store another silo may hold them, and they lapse.
/// </summary>
/// <param name="writer">Writes.</param>
internal sealed class LeftClaims(IStoreWriter writer) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => writer.WriteAsync(
        batch =>
        {
            batch.Execute("UPDATE results SET claim_until_ms = 0 WHERE state = 'verifying'");
            batch.Execute("UPDATE subtasks SET baseline_claim_until_ms = 0 WHERE state = 'queued' AND baseline = 'waiting'");
            batch.Execute("UPDATE anchor_records SET claim_id = NULL, claim_until_ms = 0 WHERE claim_until_ms > 0");
            return batch.Execute("UPDATE escalations SET claim_id = NULL, claim_until_ms = 0 WHERE claim_until_ms > 0");
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
