using System.Buffers;
using System.Text;
using EdgeCoder.Inference.Preflight;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Service;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Inference.Completions;

/// <summary><c>POST /v1/chat/completions</c> in OpenAI's form (agent-executor-models 6.3), for the role that faces editors; it relays the bytes as they are.</summary>
internal static class ChatCompletionEndpoints
{
    /// <summary>Maps it. A client that goes away stops the model.</summary>
    public static void MapChatCompletions(this IEndpointRouteBuilder routes)
    {
        var models = routes.ServiceProvider.GetRequiredService<ReachModels>();
        var time = routes.ServiceProvider.GetRequiredService<RoleClock>().Time;
        routes.MapGuarded("POST", "/v1/chat/completions", InferenceRule.WithTokenAndLongBody, context =>
            ApiRoutes.RunAsync(context, (_, reach) => AnswerAsync(context, models.Of(reach), reach, time)));
    }

    // 1. The request. 2. The model. 3. Its answer, as events or whole.
    private static async Task AnswerAsync(HttpContext context, WarmModel models, RequestedReach reach, TimeProvider time)
    {
        ChatCompletionRequest request;
        using (var body = RequestBody.Parse(context))
        {
            request = ChatCompletionReader.Read(body.RootElement);
        }

        await using var use = await ModelUse.OpenAsync(models, reach, Wanted(request), context.RequestAborted).ConfigureAwait(false);
        AnswerMarks.Of(use.Selected).Write(context);
        using var writer = new ChatCompletionWriter(use.Selected.Model.Identity.Id, time.GetUtcNow(), request.IncludeUsage);
        await using var pieces = ChatAnswer.AskAsync(use.Selected.Model, request, context.RequestAborted).GetAsyncEnumerator(context.RequestAborted);
        try
        {
            await (request.Stream ? StreamAsync(context, writer, pieces, request, time) : WholeAsync(context, writer, pieces)).ConfigureAwait(false);
        }
        catch (Exception fault) when (!context.RequestAborted.IsCancellationRequested)
        {
            use.Failed();
            var told = ModelFaults.Of(fault);
            if (!context.Response.HasStarted)
            {
                throw told;
            }

            await new EventStream(context, time).BrokenAsync(told).ConfigureAwait(false);
        }
    }

    private static async Task StreamAsync(HttpContext context, ChatCompletionWriter writer, IAsyncEnumerator<AnswerPiece> pieces, ChatCompletionRequest request, TimeProvider time)
    {
        var events = new EventStream(context, time);
        var begun = false;
        while (await events.NextAsync(pieces).ConfigureAwait(false))
        {
            if (!begun)
            {
                begun = true;
                await events.BeginAsync().ConfigureAwait(false);
                writer.First(events.Target);
                await events.EndAsync().ConfigureAwait(false);
            }

            await events.BeginAsync().ConfigureAwait(false);
            switch (pieces.Current)
            {
                case { Text: { } text }:
                    writer.Text(events.Target, text);
                    break;
                case { Call: { } call }:
                    writer.Call(events.Target, call);
                    break;
                case { End: { } end }:
                    writer.Finish(events.Target, end.FinishReason);
                    if (request.IncludeUsage)
                    {
                        await events.EndAsync().ConfigureAwait(false);
                        await events.BeginAsync().ConfigureAwait(false);
                        writer.Usage(events.Target, end.Usage);
                    }

                    await events.EndAsync().ConfigureAwait(false);
                    await events.DoneAsync().ConfigureAwait(false);
                    return;
            }

            await events.EndAsync().ConfigureAwait(false);
        }

        throw new ModelException("stream_interrupted", "The answer has no end.");
    }

    private static async Task WholeAsync(HttpContext context, ChatCompletionWriter writer, IAsyncEnumerator<AnswerPiece> pieces)
    {
        var text = new StringBuilder();
        var calls = new List<MadeCall>();
        while (await pieces.MoveNextAsync().ConfigureAwait(false))
        {
            switch (pieces.Current)
            {
                case { Text: { } piece }:
                    text.Append(piece);
                    break;
                case { Call: { } call }:
                    calls.Add(call);
                    break;
                case { End: { } end }:
                    var body = new ArrayBufferWriter<byte>(1024);
                    writer.Answer(body, text.Length == 0 && calls.Count > 0 ? null : text.ToString(), calls, end);
                    await ApiRoutes.SendAsync(context, body.WrittenMemory).ConfigureAwait(false);
                    return;
            }
        }

        throw new ModelException("stream_interrupted", "The answer has no end.");
    }

    // A window is proven in a few steps of size, so that a conversation that grows is not measured again with each turn.
    private static ModelRequest Wanted(ChatCompletionRequest request) => new()
    {
        Model = request.Model,
        Role = ModelRole.Coder,
        Demonstration = request.Model is not null,
        NeededWindow = WindowSteps.For(request.Messages.Sum(message => (long)message.Text.Length), request.MaxTokens),
    };
}
