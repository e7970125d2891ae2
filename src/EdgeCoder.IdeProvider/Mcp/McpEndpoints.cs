using System.Security.Claims;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Bodies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.AspNetCore;

namespace EdgeCoder.IdeProvider.Mcp;

/// <summary><c>/mcp</c>: the MCP server over streamable HTTP, for holders of a key alone.</summary>
internal static class McpEndpoints
{
    private const string CallerItem = "edgecoder.mcp.caller";

    // The library runs a call in the context of the request that brought it.
    private static readonly AsyncLocal<CancellationToken> Connection = new();

    // The library's defaults (10,000 sessions, 2 hours) are too generous for a machine that works beside. It marks both limits as obsolete in code, because
    // sessions end with the older revisions; as settings they are plain.
    private static readonly IConfiguration SessionLimits = new ConfigurationBuilder()
        .AddInMemoryCollection([new("IdleTimeout", "00:30:00"), new("MaxIdleSessionCount", "256")]).Build();

    /// <summary>Registers it.</summary>
    public static void AddMcp(this IServiceCollection services, McpParts parts)
    {
        services.AddSingleton(provider => new McpService(parts, provider.GetRequiredService<ILogger<McpService>>()));

        // The library logs each refused call as an error, with a stack trace and the caller's own text. What fails here is logged by the service, without them.
        services.AddLogging(logging => logging.AddFilter("ModelContextProtocol", LogLevel.None));
        services.AddMcpServer().WithHttpTransport(options =>
        {
            // Clients of the revisions with an initialize handshake get a session, which cancellation needs; newer ones work without.
            options.SessionMode = HttpServerSessionMode.StatefulForInitializeClients;
            SessionLimits.Bind(options);
            options.ConfigureSessionOptions = (context, session, _) =>
            {
                context.RequestServices.GetRequiredService<McpService>().Configure(session, (McpCaller)context.Items[CallerItem]!);
                return Task.CompletedTask;
            };
        });
    }

    /// <summary>Maps it. Each request passes the gate before the library sees it, so a revoked key ends a session too; the session belongs to the key that began it.</summary>
    public static void MapMcp(this IEndpointRouteBuilder routes)
    {
        var gate = routes.ServiceProvider.GetRequiredService<AccessGate>();
        var use = routes.ServiceProvider.GetRequiredService<KeyUse>();
        McpEndpointRouteBuilderExtensions.MapMcp(routes, "/mcp").WithMetadata(AccessRule.Key).Add(endpoint =>
        {
            var inner = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = async context =>
            {
                var caller = gate.Admit(context, AccessRule.Key);
                context.User = new(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, caller.Key!.Id)], "key"));
                context.Items[CallerItem] = McpCaller.Of(caller, use) with { Gone = static () => Connection.Value };
                Connection.Value = context.RequestAborted;
                if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
                {
                    limit.MaxRequestBodySize = BodyReceiver.MaxBytes;
                }

                try
                {
                    await inner(context).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
                {
                    // Its session ended while it was at work, by the client's word or with the process.
                    if (!context.Response.HasStarted)
                    {
                        throw new Refusal(404, "session_ended", "The session of this call has ended. Begin a new one.");
                    }
                }
            };
        });
    }
}
