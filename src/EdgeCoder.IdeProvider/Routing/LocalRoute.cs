using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Bodies;
using EdgeCoder.IdeProvider.ModelLists;
using EdgeCoder.IdeProvider.Relaying;
using EdgeCoder.IdeProvider.Upstreams;
using EdgeCoder.Protocol.Problems;
using EdgeCoder.Protocol.Tokens;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.IdeProvider.Routing;

/// <summary>
/// The models of this machine. Everything it holds is a <see cref="LocalUpstream"/>, whose connections cannot leave the machine: this is the component graph
/// of <c>local</c> work (agent-executor-models 0, 6.5).
/// </summary>
internal sealed class LocalRoute(LocalUpstream inference, IReadOnlyDictionary<string, LocalUpstream> servers, LocalModels models, LocalLine line, LatencyGate gate, TimeProvider time)
{
    private const string ServerPrefix = "openai-compatible/";
    private readonly Relay _relay = new(time);

    /// <summary>Its models.</summary>
    public LocalModels Models => models;

    /// <summary>Its line.</summary>
    public LocalLine Line => line;

    /// <summary>Its gate.</summary>
    public LatencyGate Gate => gate;

    /// <summary>The clock's time in milliseconds, for the gate.</summary>
    public long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>
    /// Serves a call: 1. the model and who has it; 2. the line; 3. the relay; 4. the sample for the gate. Throws <see cref="Refusal"/> while nothing has been
    /// sent. Gives the tokens that were used.
    /// </summary>
    public async Task<long> ServeAsync(HttpContext context, CallBody body, DataClass dataClass, ModelEntry? named, long began)
    {
        var call = Call(body, dataClass, named ?? (body.Kind == CallKind.Chat ? await ActiveAsync(context.RequestAborted).ConfigureAwait(false) : null), named is not null, began);
        await line.EnterAsync(context.RequestAborted).ConfigureAwait(false);
        try
        {
            var end = await _relay.RunAsync(context, call).ConfigureAwait(false);
            switch (end)
            {
                case { FirstByte: { } atMost, IsAtMost: true }:
                    gate.AddAtMost(atMost.TotalMilliseconds, NowMs);
                    break;
                case { FirstByte: { } first }:
                    gate.Add(first.TotalMilliseconds, NowMs);
                    break;
            }

            return end.Tokens;
        }
        catch (Refusal refusal)
        {
            if (refusal.Error == "upstream_timeout")
            {
                gate.Add(time.GetElapsedTime(began).TotalMilliseconds, NowMs);
            }

            if (refusal.Status is 404 or >= 500)
            {
                models.Forget();
            }

            throw;
        }
        finally
        {
            line.Leave();
        }
    }

    /// <summary>Serves a chat as its pieces, for routes that write them in another form. <paramref name="used"/> is told the tokens at the end.</summary>
    public async IAsyncEnumerable<(JsonElement? Piece, IChatSource Source)> PiecesAsync(
        CallBody body, DataClass dataClass, ModelEntry? named, long began, Action<long> used, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var call = Call(body, dataClass, named ?? await ActiveAsync(cancellationToken).ConfigureAwait(false), named is not null, began);
        await line.EnterAsync(cancellationToken).ConfigureAwait(false);
        var pieces = new ChatPieces(call, time);
        long count = 0;
        try
        {
            await foreach (var piece in pieces.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                count++;
                yield return (piece, pieces);
            }
        }
        finally
        {
            line.Leave();
            used(pieces.Usage is { } usage ? usage.Prompt + usage.Completion : count);
            if (pieces.FirstByte is { } first)
            {
                gate.Add(first.TotalMilliseconds, NowMs);
            }
        }
    }

    private async ValueTask<ModelEntry?> ActiveAsync(CancellationToken cancellationToken) =>
        (await models.ListAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(model => model.Facts.Active);

    private RelayCall Call(CallBody body, DataClass dataClass, ModelEntry? entry, bool isNamed, long began)
    {
        if (body.FirstImage is { } image && entry?.Facts.Images != true)
        {
            throw new Refusal(400, "unsupported_parameter", $"{entry?.Id ?? "The active model"} reads text only. Leave the image out, or choose a model that reads images.") { Issues = [new FieldIssue(image, "not supported")] };
        }

        if (entry is not null && TryDirect(body, entry, out var direct, out var estimate))
        {
            return new()
            {
                Upstream = direct,
                Path = Path(body.Kind)["v1/".Length..],
                Body = body,
                Bytes = body.For(entry.Id),
                Marks = Marks(direct.Route, entry, dataClass),
                Began = began,
                CheckWith = estimate,
                Times = Times(entry, body, estimate),
                TokenTime = TokenTime(entry),
                Tolerance = entry.Facts.Estimate is null ? TokenEstimate.ToleranceUncalibrated : TokenEstimate.Error,
            };
        }

        return new()
        {
            Upstream = inference,
            Path = Path(body.Kind),
            Body = body,
            Bytes = body.For(isNamed && entry is not null ? entry.Id : ""),
            Marks = Marks(entry?.Facts.Provider?.Split('/')[0] ?? inference.Route, entry, dataClass),
            Began = began,
            TokenTime = TokenTime(entry),
        };
    }

    // Straight to the operator's server, byte for byte, where the prompt surely fits the window that was proven; else the inference service judges it.
    private bool TryDirect(CallBody body, ModelEntry entry, [NotNullWhen(true)] out LocalUpstream? server, out TokenEstimate estimate)
    {
        server = null;
        estimate = entry.Facts.Estimate ?? TokenEstimate.Cautious;
        return body.Kind == CallKind.Chat
            && entry.Facts is { Available: true, Provider: { } provider, ProvenContext: { } window }
            && provider.StartsWith(ServerPrefix, StringComparison.Ordinal)
            && servers.TryGetValue(provider[ServerPrefix.Length..], out server)
            && !(body.HasTools && !entry.Facts.Tools)
            && (estimate.Middle(body.Shape) * (1 + TokenEstimate.Error)) + (8 * (body.Messages + 1)) + (body.HasTools ? body.Bytes.Length / 2 : 0) + (body.MaxTokens ?? 0) < window;
    }

    // Whole answers come all at once: only the whole call has a limit then.
    private static CallTimes? Times(ModelEntry entry, CallBody body, TokenEstimate estimate)
    {
        if (entry.Facts is not { Speed: { } speed, ProvenContext: { } window })
        {
            return null;
        }

        var prompt = (int)Math.Ceiling(estimate.Middle(body.Shape) * (1 + TokenEstimate.Error)) + (8 * (body.Messages + 1));
        var times = CallTimes.For(new(TimeSpan.FromMilliseconds(speed.LoadMs), speed.PrefillPerSecond, speed.DecodePerSecond), prompt, body.MaxTokens ?? Math.Max(1, window - prompt));
        return body.Stream ? times : times with { FirstToken = times.Total, Stall = times.Total };
    }

    private static TimeSpan? TokenTime(ModelEntry? entry) => entry?.Facts.Speed is { DecodePerSecond: > 0 } speed ? TimeSpan.FromSeconds(1 / speed.DecodePerSecond) : null;

    private static RelayMarks Marks(string route, ModelEntry? entry, DataClass dataClass) => new()
    {
        Route = route,
        Model = entry?.Id ?? "",
        ModelDigest = entry?.Facts.Digest ?? "unpinned",
        DataClass = dataClass.Word(),
        RanOn = "this-machine",
    };

    private static string Path(CallKind kind) => kind switch
    {
        CallKind.Chat => "v1/chat/completions",
        CallKind.Completion => "v1/completions",
        _ => "v1/embeddings",
    };
}
