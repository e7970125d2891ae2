using System.Text;
using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Llama;
using EdgeCoder.Inference.Llama.Batching;
using EdgeCoder.Inference.Llama.Grammars;
using EdgeCoder.Inference.Llama.Prompts;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Local.Worker;

/// <summary>The model that the worker has open, or none.</summary>
internal sealed class WorkerModel
{
    /// <summary>A progress line for less than this is not worth a write.</summary>
    private const float ProgressStep = 0.02f;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _loading = new(1, 1);
    private LlamaModel? _model;
    private LlamaEngine? _engine;

    /// <summary>
    /// 1. Hashes the file and compares. 2. Opens it vocabulary-only: a damaged file fails here, before gigabytes are mapped. 3. Opens it whole.
    /// 4. Makes the context.
    /// </summary>
    public async Task<LoadedReply> LoadAsync(LoadArguments arguments, Func<float, ValueTask> progress, CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Close(Timeout.InfiniteTimeSpan);
            await VerifyAsync(arguments, cancellationToken).ConfigureAwait(false);
            return Open(arguments, progress, cancellationToken);
        }
        finally
        {
            _loading.Release();
        }
    }

    public async Task<GeneratedReply> GenerateAsync(GenerateArguments arguments, Func<string, ValueTask> send, CancellationToken cancellationToken)
    {
        var (model, engine) = Require();
        var prompt = arguments switch
        {
            { Turns: { } turns } => ChatPrompt.Render(model, Turns(turns)),
            { Prompt: { } before, Suffix: { } behind } => new ChatPrompt(InfillPrompt.Tokens(model, before, behind), 0),
            { Prompt: { } text } => new ChatPrompt(model.Tokenize(text, addSpecial: true), 0),
            _ => throw new ModelException("invalid_request", "There is no conversation and no text."),
        };
        var generation = engine.Submit(
            new()
            {
                Prompt = prompt.Tokens,
                KeptPrefix = prompt.SystemTokens,
                MaxTokens = arguments.MaxTokens ?? Math.Clamp(engine.ContextSize - prompt.Tokens.Length, 1, LlamaWorker.DefaultAnswer),
                Stop = arguments.Stop,
                Sampling = new()
                {
                    Temperature = arguments.Temperature,
                    TopP = arguments.TopP,
                    TopK = arguments.TopK,
                    Seed = arguments.Seed,
                    Grammar = Grammar(arguments),
                },
            },
            cancellationToken);
        await PassOnAsync(generation, send, cancellationToken).ConfigureAwait(false);
        return Reply(await generation.Completion.ConfigureAwait(false));
    }

    public int Count(string text) => Require().Model.Tokenize(text).Length;

    public RenderedReply Render(IReadOnlyList<WorkerTurn> turns)
    {
        var model = Require().Model;
        var prompt = ChatPrompt.Render(model, Turns(turns));
        return new(model.Detokenize(prompt.Tokens, special: true), prompt.Tokens.Length);
    }

    public HealthReply Health()
    {
        lock (_gate)
        {
            return new() { Loaded = _engine is not null, StepAgeMs = _engine?.StepAge.TotalMilliseconds ?? 0, Steps = _engine?.Steps ?? 0 };
        }
    }

    /// <summary>Frees the model. A native call that does not end within the time keeps its memory until the process ends.</summary>
    public void Close(TimeSpan patience)
    {
        LlamaModel? model;
        LlamaEngine? engine;
        lock (_gate)
        {
            (model, engine) = (_model, _engine);
            (_model, _engine) = (null, null);
        }

        if (engine is null || engine.Stop(patience))
        {
            engine?.Dispose();
            model?.Dispose();
        }
    }

    private static async Task VerifyAsync(LoadArguments arguments, CancellationToken cancellationToken)
    {
        if (!File.Exists(arguments.Path))
        {
            throw new ModelException("model_not_found", $"There is no model file {arguments.Path}.");
        }

        if (arguments.Sha256 is null)
        {
            return;
        }

        var expected = ModelDigest.Parse(arguments.Sha256);
        var found = await ModelDigest.OfFileAsync(arguments.Path, cancellationToken).ConfigureAwait(false);
        if (found != expected)
        {
            throw new ModelException("checksum_mismatch", $"The model file {arguments.Path} is not the one that was checked: expected {expected}, found {found}.", "Pull the model again.");
        }
    }

    private LoadedReply Open(LoadArguments arguments, Func<float, ValueTask> progress, CancellationToken cancellationToken)
    {
        LlamaModel.Load(arguments.Path, vocabularyOnly: true, cancellationToken: cancellationToken).Dispose();

        var reported = 0f;
        var model = LlamaModel.Load(arguments.Path, checkTensors: arguments.Sha256 is null, progress: Report, cancellationToken: cancellationToken);
        try
        {
            var options = new EngineOptions { ContextSize = arguments.ContextSize, Threads = arguments.Threads };
            var engine = LlamaEngine.Start(model, arguments.Slots is { } slots ? options with { Slots = slots } : options);
            lock (_gate)
            {
                (_model, _engine) = (model, engine);
            }

            return Facts(model, engine, arguments.Slots ?? options.Slots);
        }
        catch (Exception)
        {
            model.Dispose();
            throw;
        }

        void Report(float fraction)
        {
            if (fraction - reported >= ProgressStep)
            {
                reported = fraction;
                progress(fraction).AsTask().GetAwaiter().GetResult();
            }
        }
    }

    private static LoadedReply Facts(LlamaModel model, LlamaEngine engine, int slots) => new()
    {
        ContextSize = engine.ContextSize,
        TrainedContext = model.TrainedContext,
        ParameterCount = model.ParameterCount,
        SizeBytes = model.SizeBytes,
        Description = model.Description(),
        License = model.Metadata("general.license"),
        Library = "llama.cpp " + LlamaLibrary.Load(),
        Threads = engine.Threads,
        Slots = slots,
    };

    private static string? Grammar(GenerateArguments arguments) => arguments switch
    {
        { Grammar: { } grammar } => grammar,
        { JsonSchema: { } schema } => JsonSchemaGrammar.From(schema),
        { AnyJson: true } => JsonSchemaGrammar.AnyObject,
        _ => null,
    };

    private static List<ChatTurn> Turns(IReadOnlyList<WorkerTurn> turns) => [.. turns.Select(turn => new ChatTurn(turn.Role, turn.Text))];

    /// <summary>All text that is there goes in one line: a slow reader gets fewer, longer ones.</summary>
    private static async Task PassOnAsync(Generation generation, Func<string, ValueTask> send, CancellationToken cancellationToken)
    {
        var together = new StringBuilder();
        while (await generation.Text.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (generation.Text.TryRead(out var piece))
            {
                together.Append(piece);
            }

            if (together.Length > 0)
            {
                await send(together.ToString()).ConfigureAwait(false);
                together.Clear();
            }
        }
    }

    private static GeneratedReply Reply(GenerationResult result) => new()
    {
        End = result.End == GenerationEnd.Stop ? "stop" : "length",
        PromptTokens = result.PromptTokens,
        ReusedTokens = result.ReusedTokens,
        GeneratedTokens = result.GeneratedTokens,
        MeanLogProbability = result.MeanLogProbability,
        WorstWindowLogProbability = result.WorstWindowLogProbability,
        QueuedMs = result.Queued.TotalMilliseconds,
        FirstTokenMs = result.ToFirstToken.TotalMilliseconds,
        DecodeMs = result.Decoding.TotalMilliseconds,
    };

    private (LlamaModel Model, LlamaEngine Engine) Require()
    {
        lock (_gate)
        {
            return _model is not null && _engine is not null ? (_model, _engine) : throw new ModelException("model_not_loaded", "The worker has no model open.");
        }
    }
}
