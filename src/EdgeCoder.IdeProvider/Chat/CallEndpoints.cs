using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Bodies;
using EdgeCoder.IdeProvider.Composition;
using EdgeCoder.IdeProvider.Routing;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.IdeProvider.Chat;

/// <summary>The calls of the OpenAI API that a model answers (agent-executor-models 6.3, 6.4).</summary>
internal static class CallEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapCalls(this IEndpointRouteBuilder routes)
    {
        var router = routes.ServiceProvider.GetRequiredService<Router>();
        var sessions = new EditorSessions();
        foreach (var (pattern, kind) in new[] { ("/v1/chat/completions", CallKind.Chat), ("/v1/completions", CallKind.Completion), ("/v1/embeddings", CallKind.Embedding) })
        {
            routes.MapAdmitted("POST", pattern, AccessRule.KeyOrLoopback, async (context, caller) =>
            {
                var body = CallBodyReader.Read(await BodyReceiver.ReceiveAsync(context).ConfigureAwait(false), kind);
                if (kind == CallKind.Completion)
                {
                    await sessions.ServeAsync(context, caller, () => router.ServeAsync(context, caller, body)).ConfigureAwait(false);
                    return;
                }

                await router.ServeAsync(context, caller, body).ConfigureAwait(false);
            });
        }
    }
}
