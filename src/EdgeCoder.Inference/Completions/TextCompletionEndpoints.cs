using System.Buffers;
using System.Text;
using System.Text.Json;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Service;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Inference.Completions;

/// <summary><c>POST /v1/completions</c>: goes on with a text, or fills the gap before a suffix with the model's own marks (agent-executor-models 6.4).</summary>
internal static class TextCompletionEndpoints
{
    // What the API says for a request without a limit.
    private const int DefaultTokens = 16;
    private const int MostStops = 16;

    /// <summary>Maps it. A client that goes away stops the model.</summary>
    public static void MapTextCompletions(this IEndpointRouteBuilder routes)
    {
        var models = routes.ServiceProvider.GetRequiredService<ReachModels>();
        var time = routes.ServiceProvider.GetRequiredService<RoleClock>().Time;
        routes.MapGuarded("POST", "/v1/completions", InferenceRule.WithTokenAndLongBody, context =>
            ApiRoutes.RunAsync(context, (_, reach) => AnswerAsync(context, models.Of(reach), reach, time)));
    }

    private static async Task AnswerAsync(HttpContext context, WarmModel models, RequestedReach reach, TimeProvider time)
    {
        string? model;
        TextRequest request;
        bool stream, includeUsage;
        using (var body = RequestBody.Parse(context))
        {
            (model, request) = (body.RootElement.Text("model") is { Length: > 0 } named ? named : null, Read(body.RootElement));
            stream = body.RootElement.Flag("stream") ?? false;
            includeUsage = body.RootElement.Object("stream_options")?.Flag("include_usage", "stream_options.include_usage") ?? false;
        }

        var wanted = new ModelRequest { Model = model, Role = ModelRole.Completer, Demonstration = model is not null, NeededWindow = WindowSteps.For(request.Prompt.Length + (request.Suffix?.Length ?? 0), request.MaxTokens) };
        await using var use = await ModelUse.OpenAsync(models, reach, wanted, context.RequestAborted).ConfigureAwait(false);
        var complete = use.Selected.Model.CompleteText ?? throw (request.Suffix is null
            ? ApiFault.Unsupported("model", $"{use.Selected.Model.Identity.Id} answers conversations only; texts are gone on with by models of this program's own engine and of Ollama")
            : new ApiFault(400, "fim_unsupported", $"{use.Selected.Model.Identity.Id} cannot fill gaps here; models of this program's own engine and of Ollama can, where they have the tokens for it.", "suffix"));
        AnswerMarks.Of(use.Selected).Write(context);
        using var writer = new TextCompletionWriter(use.Selected.Model.Identity.Id, time.GetUtcNow(), includeUsage);
        await using var pieces = ModelAnswer.CompleteAsync(complete(request, context.RequestAborted), context.RequestAborted).GetAsyncEnumerator(context.RequestAborted);
        try
        {
            await (stream ? StreamAsync(context, writer, pieces, includeUsage, time) : WholeAsync(context, writer, pieces)).ConfigureAwait(false);
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

    private static TextRequest Read(JsonElement body)
    {
        if (body.Whole("n", 1, 128) is > 1 || body.Whole("best_of", 1, 128) is > 1)
        {
            throw ApiFault.Unsupported(body.Whole("n", 1, 128) is > 1 ? "n" : "best_of", "one answer is given for a request; ask several times");
        }

        if (body.Member("logprobs") is not null || body.Flag("echo") is true)
        {
            throw ApiFault.Unsupported(body.Flag("echo") is true ? "echo" : "logprobs", "only what is written is told");
        }

        foreach (var penalty in (ReadOnlySpan<string>)["frequency_penalty", "presence_penalty"])
        {
            if (body.Number(penalty, -2, 2) is not (null or 0))
            {
                throw ApiFault.Unsupported(penalty, "texts cannot be drawn with it");
            }
        }

        return new()
        {
            Prompt = body.Member("prompt") switch
            {
                { ValueKind: JsonValueKind.String } text => text.GetString()!,
                { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() == 1 && list[0].ValueKind == JsonValueKind.String => list[0].GetString()!,
                { ValueKind: JsonValueKind.Array } => throw ApiFault.Unsupported("prompt", "one text is gone on with; tokens and several texts are not"),
                _ => throw ApiFault.Invalid("prompt", "a text is expected"),
            },
            Suffix = body.Text("suffix"),
            MaxTokens = (int)(body.Whole("max_tokens", 1, int.MaxValue) ?? DefaultTokens),
            Stop = body.Texts("stop", MostStops),
            Seed = body.Whole("seed", long.MinValue, long.MaxValue),
            Temperature = body.Number("temperature", 0, 2),
            TopP = body.Number("top_p", 0, 1) is 0 ? float.Epsilon : body.Number("top_p", 0, 1),
        };
    }

    private static async Task StreamAsync(HttpContext context, TextCompletionWriter writer, IAsyncEnumerator<AnswerPiece> pieces, bool includeUsage, TimeProvider time)
    {
        var events = new EventStream(context, time);
        while (await events.NextAsync(pieces).ConfigureAwait(false))
        {
            await events.BeginAsync().ConfigureAwait(false);
            writer.Chunk(events.Target, pieces.Current.Text ?? "", pieces.Current.End?.FinishReason);
            await events.EndAsync().ConfigureAwait(false);
            if (pieces.Current.End is { } end)
            {
                if (includeUsage)
                {
                    await events.BeginAsync().ConfigureAwait(false);
                    writer.Usage(events.Target, end.Usage);
                    await events.EndAsync().ConfigureAwait(false);
                }

                await events.DoneAsync().ConfigureAwait(false);
                return;
            }
        }

        throw new ModelException("stream_interrupted", "The answer has no end.");
    }

    private static async Task WholeAsync(HttpContext context, TextCompletionWriter writer, IAsyncEnumerator<AnswerPiece> pieces)
    {
        var text = new StringBuilder();
        while (await pieces.MoveNextAsync().ConfigureAwait(false))
        {
            text.Append(pieces.Current.Text);
            if (pieces.Current.End is { } end)
            {
                var body = new ArrayBufferWriter<byte>(1024);
                writer.Answer(body, text.ToString(), end);
                await ApiRoutes.SendAsync(context, body.WrittenMemory).ConfigureAwait(false);
                return;
            }
        }

        throw new ModelException("stream_interrupted", "The answer has no end.");
    }
}
