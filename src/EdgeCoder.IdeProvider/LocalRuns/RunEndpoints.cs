using System.Text.Json;
using EdgeCoder.Agent.Snippets;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Agentic;
using EdgeCoder.IdeProvider.Composition;
using EdgeCoder.IdeProvider.Routing;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.IdeProvider.LocalRuns;

/// <summary>
/// <c>POST /run</c> and <c>/run/local</c>: a snippet, written, tested in the sandbox and given back with how it came to be (agent-executor-models 6.2). Both work on
/// this machine; <c>/run/local</c> is of the class <c>local</c> whatever the body says. They run code, so they need a key.
/// </summary>
internal static class RunEndpoints
{
    // The window of the snippet loop (1.4).
    private const int Window = 4_096;

    /// <summary>Maps them.</summary>
    public static void MapRuns(this IEndpointRouteBuilder routes)
    {
        var offered = routes.ServiceProvider.GetRequiredService<OfferedWork>();
        var models = routes.ServiceProvider.GetRequiredService<AgentModels>();
        var line = routes.ServiceProvider.GetRequiredService<RunLine>();
        foreach (var (pattern, always) in new[] { ("/run", (DataClass?)null), ("/run/local", DataClass.Local) })
        {
            routes.MapAdmitted("POST", pattern, AccessRule.Key, async (context, caller) =>
            {
                var body = await AgenticJson.ReadAsync(context, AgenticJson.Default.RunBody).ConfigureAwait(false);
                var dataClass = always ?? DataClasses.Narrower(body.AskedClass(context.Request.Headers[Router.ClassHeader]), caller.MaxDataClass);
                var task = body.ToTask(dataClass);
                await line.EnterAsync(context.RequestAborted).ConfigureAwait(false);
                try
                {
                    await RunAsync(context, caller, body, task, dataClass, offered, models).ConfigureAwait(false);
                }
                finally
                {
                    line.Leave();
                }
            });
        }
    }

    // Whoever goes away ends it: leaving the events cancels the session.
    private static async Task RunAsync(HttpContext context, IdeCaller caller, RunBody body, SnippetTask task, DataClass dataClass, OfferedWork offered, AgentModels models)
    {
        var snippets = offered.Required.Snippets;
        var model = await models.OpenAsync(caller, body.Model, body.Provider, dataClass, Window, context.RequestAborted).ConfigureAwait(false);
        await using (model.ConfigureAwait(false))
        {
            AgentExecution? execution = null;
            await foreach (var one in snippets.RunAsync(task, model.Model, context.RequestAborted).ConfigureAwait(false))
            {
                execution = (one as DoneEvent)?.Execution ?? execution;
            }

            var document = JsonSerializer.SerializeToNode(execution ?? throw new InvalidOperationException("the session ended without its last event"), ProtocolJson.Default.AgentExecution)!.AsObject();
            document["edgecoder"] = ExecutionMarks.Of(execution);
            context.Response.Headers["X-EdgeCoder-Route"] = execution.Model?.Provider ?? "edgecoder-local";
            await AgentChatEndpoints.AnswerAsync(context, document).ConfigureAwait(false);
        }
    }
}
