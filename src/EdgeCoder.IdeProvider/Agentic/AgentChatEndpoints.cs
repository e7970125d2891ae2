using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Agent.Approvals;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Composition;
using EdgeCoder.Protocol.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.IdeProvider.Agentic;

/// <summary>
/// <c>/v1/ide/project</c>, <c>/v1/ide/chat</c> and <c>/v1/ide/tool-approval</c> (agent-executor-models 6.6). They run tools, so every one of them needs a key;
/// <c>githubToken</c> is taken and dropped unread, because no tool here talks to GitHub yet.
/// </summary>
internal static class AgentChatEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapAgentChat(this IEndpointRouteBuilder routes)
    {
        var offered = routes.ServiceProvider.GetRequiredService<OfferedWork>();
        var sessions = routes.ServiceProvider.GetRequiredService<AgentSessions>();
        var work = routes.ServiceProvider.GetRequiredService<AgentWork>();
        routes.MapAdmitted("POST", "/v1/ide/project", AccessRule.Key, async (context, caller) =>
        {
            var body = await AgenticJson.ReadAsync(context, AgenticJson.Default.ProjectBody).ConfigureAwait(false);
            var root = ProjectRoots.Resolve(offered.Required.Repositories.Agent, body.ProjectRoot);
            sessions.SetRoot(caller, root);
            await AnswerAsync(context, new() { ["ok"] = true, ["projectRoot"] = root }).ConfigureAwait(false);
        });
        routes.MapAdmitted("GET", "/v1/ide/project", AccessRule.Key, (context, caller) =>
            AnswerAsync(context, sessions.RootOf(caller) is { } root ? new() { ["projectRoot"] = root } : []));
        routes.MapAdmitted("POST", "/v1/ide/chat", AccessRule.Key, async (context, caller) =>
        {
            var body = await AgenticJson.ReadAsync(context, AgenticJson.Default.AgentChatBody).ConfigureAwait(false);
            await ChatAsync(context, caller, body with { GithubToken = null }, work).ConfigureAwait(false);
        });
        routes.MapAdmitted("POST", "/v1/ide/tool-approval", AccessRule.Key, async (context, caller) =>
        {
            Decide(sessions, caller, await AgenticJson.ReadAsync(context, AgenticJson.Default.ApprovalBody).ConfigureAwait(false));
            await AnswerAsync(context, new() { ["ok"] = true }).ConfigureAwait(false);
        });
    }

    /// <summary>Writes a JSON object.</summary>
    public static async Task AnswerAsync(HttpContext context, JsonObject document, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(document, JsonSerializerOptions.Default), context.RequestAborted).ConfigureAwait(false);
    }

    // Before the first event a failure is a status. A connection that ends cancels the work, which is then brought to a save point before anybody else may touch it.
    private static async Task ChatAsync(HttpContext context, IdeCaller caller, AgentChatBody body, AgentWork work)
    {
        var (turn, working) = await work.BeginAsync(caller, body, context.RequestAborted).ConfigureAwait(false);
        try
        {
            await using var gone = context.RequestAborted.Register(turn.Disconnect);
            EventWriter.Begin(context);
            context.Response.Headers["X-EdgeCoder-Session"] = turn.SessionId;
            await foreach (var one in turn.Events.ReadAsync(context.RequestAborted).ConfigureAwait(false))
            {
                await EventWriter.WriteAsync(context, one?.Json).ConfigureAwait(false);
            }
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer.
        }
        finally
        {
            turn.Disconnect();
            await working.ConfigureAwait(false);
            turn.Dispose();
        }
    }

    // Unknown, another's, used and expired ids are told apart by nothing.
    private static void Decide(AgentSessions sessions, IdeCaller caller, ApprovalBody body)
    {
        if (body.Id is not { Length: > 0 } id || body.Approved is not { } approved)
        {
            throw Refusal.Invalid([new FieldIssue(body.Id is { Length: > 0 } ? "approved" : "id", "is missing")]);
        }

        var wanted = body.Scope switch
        {
            null or "once" => ApprovalAnswer.Once,
            "session" => ApprovalAnswer.Session,
            "always" => ApprovalAnswer.Always,
            _ => throw Refusal.Invalid([new FieldIssue("scope", "once, session or always is expected")]),
        };
        var (turn, request) = sessions.Question(caller, id) ?? throw NoQuestion();
        if (approved && wanted != ApprovalAnswer.Once && (request.Rule is null || (body.Rule is { } rule && rule != request.Rule)))
        {
            throw Refusal.Invalid([new FieldIssue(request.Rule is null ? "scope" : "rule", request.Rule is null ? "no rule can stand for this action, so it is allowed once or not at all" : "it is not the rule that was shown")]);
        }

        if (!turn.Approvals.Answer(id, caller.Key!.Id, request.SessionId, body.ActionHash ?? request.ActionHash, approved ? wanted : ApprovalAnswer.Denied))
        {
            throw NoQuestion();
        }
    }

    private static Refusal NoQuestion() => new(404, "No pending approval with that id", "It was answered, has expired, or was never asked of this key.");
}
