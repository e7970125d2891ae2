using EdgeCoder.Agent.Submissions;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Egress;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.IdeProvider.Swarm;

/// <summary>One request, one task: given, followed to its end, fetched (agent-executor-models 6.5).</summary>
internal sealed class SwarmCalls(SwarmClient client, TimeProvider time)
{
    private const int MostRenewals = 8;

    /// <summary>
    /// Works a released request off: 1. the task is given; 2. its events are followed; 3. its result is fetched; that of a chat is completed. Throws <see cref="Refusal"/>: 503
    /// <c>swarm_unavailable</c>, 502 <c>upstream_error</c> when nobody could do it, 504 <c>upstream_timeout</c> with the id of the task, which goes on.
    /// Who goes away takes the task with him.
    /// </summary>
    /// <param name="released">The released request; its argument makes another task of it: 0, then 1, 2, …</param>
    /// <param name="deadline">How long it is waited for.</param>
    /// <param name="cancellationToken">Cancelled when the client goes away.</param>
    public async Task<SwarmAnswer> RunAsync(Func<int, ReleasedPayload> released, TimeSpan deadline, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var payload = released(0);
        try
        {
            // 1. A task that was cancelled stays so; the same request again is a new one then. Who goes away meanwhile is noticed after it: a task that was
            // half given could not be taken back.
            for (var renewal = 1; await IsCancelledAsync(payload, limit.Token).ConfigureAwait(false) && renewal <= MostRenewals; renewal++)
            {
                payload = released(renewal);
            }

            either.Token.ThrowIfCancellationRequested();

            // 2. and 3.
            return await FollowAsync(payload, either.Token).ConfigureAwait(false);
        }
        catch (SubmitterException fault)
        {
            throw Refused(fault, payload);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await client.CancelAsync(payload.Task.TaskId!, "client_disconnected").ConfigureAwait(false);
            throw;
        }
        catch (OperationCanceledException)
        {
            var id = payload.Task.TaskId!;
            var why = await client.ExplainAsync(id).ConfigureAwait(false);
            throw new Refusal(504, "upstream_timeout", $"The swarm has not answered within {deadline.TotalSeconds:0} s. The task goes on and its result can be fetched: edgecoder result {id} --wait, or GET {client.Destination}/tasks/{id}/result.{(why is null ? "" : " What it waits for: " + why)}")
            {
                TaskId = id,
            };
        }
    }

    private async Task<bool> IsCancelledAsync(ReleasedPayload payload, CancellationToken cancellationToken) =>
        (await client.SubmitAsync(payload, cancellationToken).ConfigureAwait(false)).State == TaskState.Cancelled;

    private async Task<SwarmAnswer> FollowAsync(ReleasedPayload payload, CancellationToken cancellationToken)
    {
        var id = payload.Task.TaskId!;
        var attempts = 0;
        await foreach (var happened in client.FollowAsync(id, cancellationToken).ConfigureAwait(false))
        {
            attempts += happened.Type == "lease.granted" ? 1 : 0;
            if (WaitsForPerson(happened) && payload.Task.Kind == SubtaskKind.SingleStep)
            {
                // Nobody looks for a chat's question in the list of escalations; it ends here, with its reason.
                await client.CancelAsync(id, "nobody_could_answer").ConfigureAwait(false);
                throw Failed(id, "no node could answer it");
            }

            if (WaitsForPerson(happened))
            {
                break;
            }
        }

        var result = await client.ResultAsync(id, cancellationToken).ConfigureAwait(false);
        return payload.Task.Kind != SubtaskKind.SingleStep || result.State == TaskState.Completed
            ? new(result, attempts, new(client.Destination, payload.Bytes, payload.Redactions))
            : throw Failed(id, result.State == TaskState.Cancelled ? "it was cancelled" : result.StateReason ?? "no reason was told");
    }

    private static bool WaitsForPerson(TaskEvent happened) =>
        happened.Type == "escalation" && happened.Data.ValueKind == System.Text.Json.JsonValueKind.Object
        && happened.Data.TryGetProperty("status", out var status) && status.ValueEquals("pending_human");

    private static Refusal Failed(string id, string reason) => new(502, "upstream_error", $"The swarm did not do it: {reason}. Why: edgecoder explain {id}") { TaskId = id };

    private static Refusal Refused(SubmitterException fault, ReleasedPayload payload) => fault.Status switch
    {
        409 => new(409, "idempotency_conflict", "This Idempotency-Key was used for another request. Send exactly what was sent first, or another key."),
        400 or 413 or 422 => new(400, "invalid_request", $"The coordinator refused the task: {fault.Message}"),
        _ => new(503, "swarm_unavailable", $"The swarm cannot be used now: {fault.Message}{(fault.Hint is null ? "" : " " + fault.Hint)}") { RetryAfter = 5, TaskId = fault.Status is null ? payload.Task.TaskId : null },
    };
}
