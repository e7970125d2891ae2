using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Composition;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Problems;
using EdgeCoder.Protocol.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.IdeProvider.Agentic;

/// <summary><c>/v1/ide/sessions</c>: what a caller's agents did, and the person's word on it (agent-executor-models 2.6, 6.6).</summary>
internal static class SessionEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var offered = routes.ServiceProvider.GetRequiredService<OfferedWork>();
        var sessions = routes.ServiceProvider.GetRequiredService<AgentSessions>();
        var time = routes.ServiceProvider.GetRequiredService<RoleTime>().Time;
        routes.MapAdmitted("GET", "/v1/ide/sessions", AccessRule.Key, (context, caller) => AgentChatEndpoints.AnswerAsync(context, List(offered, sessions, caller)));
        routes.MapAdmitted("GET", "/v1/ide/sessions/{id}/events", AccessRule.Key, (context, caller) => EventsAsync(context, caller, offered, sessions));
        routes.MapAdmitted("POST", "/v1/ide/sessions/{id}/cancel", AccessRule.Key, async (context, caller) =>
        {
            var id = Id(context);
            sessions.Require(caller, id);
            var turn = sessions.Turn(id);
            turn?.Cancel();
            await (turn?.Ended ?? Task.CompletedTask).WaitAsync(context.RequestAborted).ConfigureAwait(false);
            await AgentChatEndpoints.AnswerAsync(context, new() { ["ok"] = true, ["cancelled"] = turn is not null }).ConfigureAwait(false);
        });
        MapReview(routes, offered, sessions, time, "undo", static (review, _, token) => review.UndoAsync(token));
        MapReview(routes, offered, sessions, time, "apply", ApplyAsync);
        MapReview(routes, offered, sessions, time, "reject", static async (review, _, token) =>
        {
            var files = (await review.ChangesAsync(token).ConfigureAwait(false)).Select(change => change.Path).ToList();
            await review.SelectAsync([], token).ConfigureAwait(false);
            return new(true, files, "The change is put aside and your files are as they were. Undo brings it back.");
        });
    }

    // A conflict is shown and nothing is written: 409 with the files.
    private static void MapReview(
        IEndpointRouteBuilder routes, OfferedWork offered, AgentSessions sessions, TimeProvider time, string action, Func<IReview, ReviewBody, CancellationToken, Task<ApplyOutcome>> carryOut) =>
        routes.MapAdmitted("POST", "/v1/ide/sessions/{id}/" + action, AccessRule.Key, async (context, caller) =>
        {
            var id = Id(context);
            sessions.Require(caller, id);
            var none = context.Request.ContentLength is 0 || (context.Request.ContentLength is null && context.Request.Headers.TransferEncoding.Count == 0);
            var body = none ? new() : await AgenticJson.ReadAsync(context, AgenticJson.Default.ReviewBody).ConfigureAwait(false);
            ApplyOutcome outcome;
            try
            {
                outcome = await sessions.AloneAsync(id, caller, async () =>
                {
                    var session = await offered.Required.Repositories.Agent.OpenAsync(id, new Nobody(), context.RequestAborted).ConfigureAwait(false);
                    await using (session.ConfigureAwait(false))
                    {
                        return await carryOut(session.Review, body, context.RequestAborted).ConfigureAwait(false);
                    }
                }).ConfigureAwait(false);
            }
            catch (Exception fault) when (WorkFaults.Refusal(fault) is { } refusal && refusal != fault)
            {
                throw refusal;
            }

            var told = new ReviewEvent { SessionId = id, AtMs = time.GetUtcNow().ToUnixTimeMilliseconds(), Action = action, Done = outcome.Applied, Files = outcome.Files, Message = outcome.Message };
            var document = JsonSerializer.SerializeToNode<SessionEvent>(told, ProtocolJson.Default.SessionEvent)!.AsObject();
            document.Insert(0, "ok", outcome.Applied);
            if (!outcome.Applied)
            {
                document.Insert(1, "error", "not_done");
                document["detail"] = outcome.Message;
            }

            await AgentChatEndpoints.AnswerAsync(context, document, outcome.Applied ? 200 : 409).ConfigureAwait(false);
        });

    /// <summary>
    /// 1. The part that the person keeps; the rest is put aside. 2. What the person edited is tested again before it counts (2.6). 3. The merge, whole or not at
    /// all.
    /// </summary>
    private static async Task<ApplyOutcome> ApplyAsync(IReview review, ReviewBody body, CancellationToken cancellationToken)
    {
        // 1.
        if (body.Files is { } files)
        {
            await review.SelectAsync([.. files.Select((file, at) => file.Kept(at))], cancellationToken).ConfigureAwait(false);

            // 2.
            if (files.Any(file => file.Edited is not null) && await review.TestAsync(cancellationToken).ConfigureAwait(false) is { } report && (!report.Complete || report.Failed + report.Errored > 0))
            {
                return new(false, [], $"The tests do not pass with your edit ({report.Failed + report.Errored} of {report.Total} fail), so nothing was applied. Undo brings the change back.");
            }
        }

        // 3.
        return await review.ApplyAsync(cancellationToken).ConfigureAwait(false);
    }

    private static JsonObject List(OfferedWork offered, AgentSessions sessions, IdeCaller caller)
    {
        var list = new JsonArray();
        foreach (var session in offered.Required.Sessions.List().Where(session => sessions.IsOf(caller, session.SessionId)))
        {
            var turn = sessions.Turn(session.SessionId);
            var item = new JsonObject
            {
                ["sessionId"] = session.SessionId,
                ["atMs"] = session.AtMs,
                ["request"] = session.Request,
                ["root"] = session.Root,
                ["model"] = session.ModelId,
                ["dataClass"] = sessions.Require(caller, session.SessionId).DataClass,
                ["state"] = turn is null ? session.Damaged ? "damaged" : "idle" : turn.Waits ? "waiting_approval" : "working",
                ["resumable"] = session.Resumable,
            };
            if (session.Outcome is { } outcome && turn is null)
            {
                item["outcome"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(outcome.ToString());
            }

            list.Add(item);
        }

        return new() { ["sessions"] = list };
    }

    // 1. What is stored. 2. While it is at work: what comes, to its end. Reading along changes nothing, and ending it ends nothing.
    private static async Task EventsAsync(HttpContext context, IdeCaller caller, OfferedWork offered, AgentSessions sessions)
    {
        var id = Id(context);
        sessions.Require(caller, id);
        var text = context.Request.Query["after"].ToString();
        var after = text.Length == 0 ? 0
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given
            : throw Refusal.Invalid([new FieldIssue("after", "the seq of an event is expected")]);
        var turn = sessions.Turn(id);
        IReadOnlyList<SessionEvent> stored;
        try
        {
            stored = offered.Required.Sessions.EventsAfter(id, after);
        }
        catch (Exception fault) when (WorkFaults.Refusal(fault) is { } refusal)
        {
            throw refusal;
        }

        EventWriter.Begin(context);
        foreach (var one in stored)
        {
            after = Math.Max(after, one.Seq);
            await EventWriter.WriteAsync(context, AgentTurn.Json(one)).ConfigureAwait(false);
        }

        if (turn is null)
        {
            return;
        }

        await foreach (var one in turn.Events.ReadAsync(context.RequestAborted).ConfigureAwait(false))
        {
            // A call may have been stored a moment before its question was there.
            if (one is null || one.Seq > after || (one.Question is { } question && turn.Question(question) is not null))
            {
                await EventWriter.WriteAsync(context, one?.Json).ConfigureAwait(false);
            }
        }
    }

    private static string Id(HttpContext context) => (string)context.Request.RouteValues["id"]!;

    /// <summary>A review asks nobody.</summary>
    private sealed class Nobody : EdgeCoder.Agent.Approvals.IApprover
    {
        public Task<EdgeCoder.Agent.Approvals.ApprovalAnswer> AskAsync(EdgeCoder.Agent.Approvals.ApprovalRequest request, CancellationToken cancellationToken) =>
            Task.FromResult(EdgeCoder.Agent.Approvals.ApprovalAnswer.Expired);
    }
}
