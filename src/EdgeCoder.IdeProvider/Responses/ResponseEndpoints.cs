using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Bodies;
using EdgeCoder.IdeProvider.Composition;
using EdgeCoder.IdeProvider.Relaying;
using EdgeCoder.IdeProvider.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.IdeProvider.Responses;

/// <summary><c>/v1/responses</c> (agent-executor-models 6.4).</summary>
internal static class ResponseEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapResponses(this IEndpointRouteBuilder routes)
    {
        var router = routes.ServiceProvider.GetRequiredService<Router>();
        var stored = routes.ServiceProvider.GetRequiredService<StoredResponses>();
        var time = routes.ServiceProvider.GetRequiredService<RoleTime>().Time;
        routes.MapAdmitted("POST", "/v1/responses", AccessRule.KeyOrLoopback, async (context, caller) =>
        {
            var request = ResponseRequest.Read(await BodyReceiver.ReceiveAsync(context).ConfigureAwait(false));
            await AnswerAsync(context, caller, request, router, stored, time).ConfigureAwait(false);
        });
        routes.MapAdmitted("GET", "/v1/responses/{id}", AccessRule.KeyOrLoopback, (context, caller) =>
            WriteAsync(context, (stored.Find(Id(context), caller) ?? throw NotFound()).Response));
        routes.MapAdmitted("DELETE", "/v1/responses/{id}", AccessRule.KeyOrLoopback, (context, caller) => stored.Remove(Id(context), caller)
            ? WriteAsync(context, new() { ["id"] = Id(context), ["object"] = "response", ["deleted"] = true })
            : throw NotFound());
    }

    // 1. What it continues, whose class it keeps. 2. The same question as a chat. 3. The answer, as events or whole. 4. Kept, unless store is false.
    private static async Task AnswerAsync(HttpContext context, IdeCaller caller, ResponseRequest request, Router router, StoredResponses stored, TimeProvider time)
    {
        var began = time.GetTimestamp();
        var before = request.PreviousId is { } previous
            ? stored.Find(previous, caller) ?? throw new Refusal(404, "previous_response_not_found", $"There is no stored answer {(previous.Length <= 60 ? previous : "of this id")}. Send the whole conversation as input.")
            : null;
        var chat = request.ToChat(before?.Items ?? []);
        var body = CallBodyReader.Read(JsonSerializer.SerializeToUtf8Bytes(chat, JsonSerializerOptions.Default), CallKind.Chat);
        if (before is not null)
        {
            body.AskedClass = DataClasses.Narrower(body.AskedClass ?? before.DataClass, before.DataClass);
        }

        var id = "resp_" + Guid.NewGuid().ToString("N");
        var writer = new ResponseWriter(id, time.GetUtcNow().ToUnixTimeSeconds(), request);
        var output = new ResponseEvents(context, request.Stream);
        IChatSource? source = null;
        try
        {
            await foreach (var (piece, pieces) in router.PiecesAsync(context, caller, body).ConfigureAwait(false))
            {
                if (source is null)
                {
                    output.Route = pieces.Marks.Route;
                    await output.SendAsync(writer.Begin()).ConfigureAwait(false);
                }

                source = pieces;
                if (piece is { } said)
                {
                    await output.SendAsync(writer.Take(said)).ConfigureAwait(false);
                }
                else
                {
                    await output.CommentAsync().ConfigureAwait(false);
                }
            }
        }
        catch (Refusal fault) when (context.Response.HasStarted)
        {
            await output.SendAsync([writer.Fail(fault.Error, fault.Message)]).ConfigureAwait(false);
            return;
        }

        var marks = source?.Marks ?? throw new Refusal(502, "upstream_error", "The model answered nothing at all.");
        var last = writer.End(source.Usage, marks, source.FirstByte ?? time.GetElapsedTime(began)).ToList();
        if (request.Store)
        {
            var items = new JsonArray([.. (before?.Items ?? []).Concat(request.Input).Concat(writer.Output).Select(item => item?.DeepClone())]);
            stored.Save(id, new(StoredResponses.OwnerOf(caller), Router.ClassOf(context.Request, caller, body), items, writer.Whole!));
        }

        await output.SendAsync(last).ConfigureAwait(false);
        if (!request.Stream)
        {
            context.Response.Headers["X-EdgeCoder-Route"] = marks.Route;
            await WriteAsync(context, writer.Whole!).ConfigureAwait(false);
        }
    }

    private static string Id(HttpContext context) => (string)context.Request.RouteValues["id"]!;

    private static Refusal NotFound() => new(404, "response_not_found", "There is no stored answer of this id.");

    private static async Task WriteAsync(HttpContext context, JsonObject document)
    {
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(document, JsonSerializerOptions.Default), context.RequestAborted).ConfigureAwait(false);
    }
}
