using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Agent.Submissions;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Bodies;
using EdgeCoder.IdeProvider.Composition;
using EdgeCoder.IdeProvider.Egress;
using EdgeCoder.IdeProvider.Routing;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Problems;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Protocol.Tasks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.IdeProvider.Swarm;

/// <summary>
/// <c>POST /run/swarm</c> (agent-executor-models 6.2): a snippet is written and tested by a worker of the swarm, run again by the coordinator, and answered as
/// an <see cref="AgentExecution"/>.
/// </summary>
internal static class RunSwarmEndpoint
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);

    /// <summary>Maps it.</summary>
    public static void MapRunSwarm(this IEndpointRouteBuilder routes)
    {
        var swarm = routes.ServiceProvider.GetRequiredService<SwarmRoute>();
        var use = routes.ServiceProvider.GetRequiredService<KeyUse>();
        var time = routes.ServiceProvider.GetRequiredService<RoleTime>().Time;
        routes.MapAdmitted("POST", "/run/swarm", AccessRule.Key, async (context, caller) =>
        {
            var request = Read(await BodyReceiver.ReceiveAsync(context).ConfigureAwait(false));
            var dataClass = Router.ClassOf(context.Request, caller, request.DataClass);
            await CheckAsync(swarm, caller, dataClass, context.RequestAborted).ConfigureAwait(false);

            var began = time.GetTimestamp();
            var ids = SwarmTaskId.Of(context.Request, caller);
            var answer = await swarm.RunAsync(
                number => new() { Id = ids(number), Prompt = request.Task, Kind = SubtaskKind.MicroLoop, Language = request.Language, Tests = request.Tests, MaxTokens = request.MaxTokens },
                dataClass, Deadline, context.RequestAborted).ConfigureAwait(false);
            use.Add(caller.Key!.Id, SwarmPrompt.Tokens(request.Task) + SwarmPrompt.Tokens(answer.Text));
            await WriteAsync(context, Execution(request, answer, dataClass, time.GetElapsedTime(began)), SwarmChat.MarksOf(answer, dataClass), time.GetElapsedTime(began)).ConfigureAwait(false);
        });
    }

    private static async ValueTask CheckAsync(SwarmRoute swarm, IdeCaller caller, DataClass dataClass, CancellationToken cancellationToken)
    {
        if (dataClass == DataClass.Local)
        {
            throw new Refusal(403, "data_class_denied", "This request is of the class local, which never leaves this machine. Name the class team or mesh (dataClass in the body) with a key that allows it, or use /run/local.");
        }

        if (!caller.Allows(RouteNames.Swarm))
        {
            throw new Refusal(403, "model_denied", $"The key {caller.Key!.Name} may not use {RouteNames.Swarm}.");
        }

        if (await swarm.WhyNotAsync(cancellationToken).ConfigureAwait(false) is { } reason)
        {
            throw new Refusal(503, swarm.IsConfigured ? "swarm_unavailable" : "swarm_not_configured", reason);
        }
    }

    private static RunRequest Read(ReadOnlyMemory<byte> bytes)
    {
        var body = bytes.IsEmpty ? default : JsonElement.Parse(bytes.Span);
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("The body is not an object.");
        }

        var issues = new List<FieldIssue>();
        var language = Text(body, "language", issues) ?? "python";
        if (language is not ("python" or "javascript"))
        {
            issues.Add(new("language", "python or javascript"));
        }

        if (body.TryGetProperty("provider", out _))
        {
            issues.Add(new("provider", "only for /run and /run/local: a worker chooses its own"));
        }

        var task = Text(body, "task", issues);
        if (string.IsNullOrWhiteSpace(task) && issues.All(issue => issue.Path != "task"))
        {
            issues.Add(new("task", "a text"));
        }

        var dataClass = Text(body, "dataClass", issues) is { } named ? DataClasses.Parse(named) ?? Wrong() : (DataClass?)null;
        long? tokens = null;
        if (body.TryGetProperty("maxTokens", out var most))
        {
            tokens = most.ValueKind == JsonValueKind.Number && most.TryGetInt64(out var number) && number is >= 1 and <= 1_000_000_000 ? number : null;
            if (tokens is null)
            {
                issues.Add(new("maxTokens", "1 to 1,000,000,000"));
            }
        }

        var tests = Text(body, "tests", issues);
        return issues.Count > 0
            ? throw Refusal.Invalid(issues)
            : new(task!, language, string.IsNullOrWhiteSpace(tests) ? null : new TestsText(language == "javascript" ? "tests.js" : "tests.py", tests), tokens, dataClass);

        DataClass Wrong()
        {
            issues.Add(new("dataClass", "local, team or mesh"));
            return DataClass.Local;
        }
    }

    private static string? Text(JsonElement body, string name, List<FieldIssue> issues)
    {
        if (!body.TryGetProperty(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString();
        }

        issues.Add(new(name, "a text"));
        return null;
    }

    // What a result does not tell is left at nothing: turns and model calls stay with the worker; the tokens are estimates, and marked as such.
    private static AgentExecution Execution(RunRequest request, SwarmAnswer answer, DataClass dataClass, TimeSpan wall)
    {
        var result = answer.Result;
        var isDone = result.State == TaskState.Completed;
        var tests = result.TestReport;
        return new()
        {
            SessionId = result.TaskId,
            TaskId = result.TaskId,
            Plan = [],
            Language = request.Language,
            GeneratedCode = isDone ? answer.Text : null,
            Tests = request.Tests?.Text,
            TestsBy = request.Tests is null ? null : "acceptance",
            Iterations = 0,
            History = [],
            Outcome = result.State switch
            {
                TaskState.Completed => answer.IsUnverified ? SessionOutcome.Unverified : SessionOutcome.Succeeded,
                TaskState.Cancelled => SessionOutcome.Cancelled,
                TaskState.Failed => SessionOutcome.Failed,
                _ => SessionOutcome.Escalated,
            },
            OutcomeMessage = result.State switch
            {
                TaskState.Completed when answer.IsUnverified => "No tests were given, so nobody could run it again: it is not verified.",
                TaskState.Completed => tests is null ? null : $"{tests.Passed} of {tests.Run} tests passed when the result was run again.",
                TaskState.Cancelled => "The task was cancelled.",
                TaskState.Failed => $"The task failed: {result.StateReason ?? "no reason was told"}. Why: edgecoder explain {result.TaskId}",
                _ => $"No node could do it; it waits for a person: edgecoder escalations show {result.TaskId}",
            },
            Escalated = !isDone && result.State is not (TaskState.Cancelled or TaskState.Failed),
            Model = answer.Model is { } model ? new() { Id = model.ModelId, Provider = "swarm", Digest = model.Digest ?? "unpinned" } : null,
            RanOn = new() { Kind = "agent" },
            DataClass = dataClass.Word(),
            Egress = [answer.Egress.Destination],
            Verification = !isDone || answer.IsUnverified ? Verification.Unverified : Verification.Accepted,
            Usage = new() { PromptTokens = SwarmPrompt.Tokens(request.Task), CompletionTokens = SwarmPrompt.Tokens(answer.Text), WallMs = (long)wall.TotalMilliseconds },
        };
    }

    private static async Task WriteAsync(HttpContext context, AgentExecution execution, Relaying.RelayMarks marks, TimeSpan latency)
    {
        var document = (JsonObject)JsonSerializer.SerializeToNode(execution, ProtocolJson.Default.AgentExecution)!;
        var member = (marks with { UsageIsEstimated = true }).Member(latency, isOnly: true);
        document["edgecoder"] = JsonNode.Parse([(byte)'{', .. member, (byte)'}'])!["edgecoder"]!.DeepClone();
        context.Response.ContentType = "application/json";
        context.Response.Headers["X-EdgeCoder-Route"] = marks.Route;
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(document, JsonSerializerOptions.Default), context.RequestAborted).ConfigureAwait(false);
    }

    private sealed record RunRequest(string Task, string Language, TestsText? Tests, long? MaxTokens, DataClass? DataClass);
}
