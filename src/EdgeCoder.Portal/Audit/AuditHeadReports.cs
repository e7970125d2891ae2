using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Coordinators;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Portal.Audit;

/// <summary>
/// Tells the home coordinator the head of the audit log, when it has moved: each hour, and after <see cref="Rows"/> rows (economy-and-ledger 10, audit_head). The coordinator writes it into its log, of
/// which others keep copies, so that nobody makes the audit log anew unseen.
/// </summary>
/// <param name="home">Coordinator.</param>
/// <param name="writer">Store.</param>
/// <param name="time">Clock.</param>
/// <param name="log">Log.</param>
internal sealed partial class AuditHeadReports(HomeCoordinator home, IStoreWriter writer, TimeProvider time, ILogger<AuditHeadReports> log) : BackgroundService
{
    /// <summary>After so many rows the head is told before its hour.</summary>
    public const int Rows = 256;

    private static readonly TimeSpan Look = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    private DateTimeOffset _last = DateTimeOffset.MinValue;

    /// <summary>Tells it when it is due; gives whether it did.</summary>
    public async Task<bool> ReportAsync(CancellationToken cancellationToken)
    {
        var found = await writer.WriteAsync(
            batch => batch.Query("SELECT seq, hash, checkpointed_seq FROM audit_heads WHERE id = $1", row => (Seq: row.Number(0), Hash: row.Text(1), Told: row.Number(2)), AuditHeadRow.Only), cancellationToken).ConfigureAwait(false);
        var now = time.GetUtcNow();
        if (found is not [var head] || head.Seq == head.Told || (head.Seq - head.Told < Rows && now - _last < Every))
        {
            return false;
        }

        await home.AskAsync(HttpMethod.Post, ["audit", "heads"], body: new JsonObject { ["seq"] = head.Seq, ["hash"] = head.Hash }, cancellationToken: cancellationToken).ConfigureAwait(false);
        await writer.WriteAsync(batch => batch.Execute("UPDATE audit_heads SET checkpointed_seq = $1 WHERE id = $2 AND checkpointed_seq < $1", head.Seq, AuditHeadRow.Only), cancellationToken).ConfigureAwait(false);
        _last = now;
        return true;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!home.IsConfigured)
        {
            return;
        }

        try
        {
            while (true)
            {
                await Task.Delay(Look, time, stoppingToken).ConfigureAwait(false);
                await TryAsync(stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The portal ends.
        }
    }

    private async Task TryAsync(CancellationToken stoppingToken)
    {
        try
        {
            await ReportAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Refusal refusal) when (refusal.Error is "audit_head_conflict" or "audit_head_went_back")
        {
            LogOtherPast(refusal.Error);
        }
        catch (Exception fault)
        {
            LogFailed(fault.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The coordinator's log holds another past of this audit log ({Code}): the store was changed, or an old one restored. Export the audit log and check it with edgecoder verify audit --log")]
    private partial void LogOtherPast(string code);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The head of the audit log could not be told to the coordinator; it is tried again in a minute. {Why}")]
    private partial void LogFailed(string why);
}
