using EdgeCoder.Training.Corpus;
using EdgeCoder.Training.Tokens;

namespace EdgeCoder.Training.Learning;

/// <summary>What happened up to a step.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Loss">Loss in nats per learnt token, smoothed over about fifty steps.</param>
/// <param name="Tokens">Tokens read so far.</param>
/// <param name="Examples">Examples read so far.</param>
internal sealed record TrainingProgress(int Step, double Loss, long Tokens, long Examples);

/// <summary>Trains a model on a stream of examples, on the calling thread.</summary>
internal sealed class Trainer : IDisposable
{
    private readonly Recipe _recipe;
    private readonly TokenEncoder _encoder;
    private readonly Transformer _transformer;
    private readonly AdamW _optimizer;
    private readonly TokenBatch _batch;
    private int[]? _waiting;
    private int _waitingPrompt;
    private long _tokens;
    private long _examples;

    /// <summary>Starts from seeded weights.</summary>
    public Trainer(Recipe recipe, TokenEncoder encoder, ModelShape shape)
    {
        (_recipe, _encoder) = (recipe, encoder);
        Parameters = new Parameters(shape);
        Parameters.Initialize(recipe.Seed);
        _transformer = new Transformer(Parameters, recipe.BatchTokens);
        _optimizer = new AdamW(Parameters);
        _batch = new TokenBatch(recipe.BatchTokens);
    }

    /// <summary>The model.</summary>
    public Parameters Parameters { get; }

    /// <summary>Runs all steps of the recipe.</summary>
    public TrainingProgress Run(ExampleSource examples, Action<TrainingProgress> report, CancellationToken cancellationToken)
    {
        var progress = new TrainingProgress(0, 0, 0, 0);
        for (var step = 0; step < _recipe.Steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Fill(examples);
            var loss = _transformer.Learn(_batch);
            _optimizer.Step(_transformer.Gradients, _recipe.RateAt(step));
            progress = new TrainingProgress(step + 1, step == 0 ? loss : (progress.Loss * 0.98) + (loss * 0.02), _tokens, _examples);
            report(progress);
        }

        return progress;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _transformer.Dispose();
        _optimizer.Dispose();
        Parameters.Dispose();
    }

    private void Fill(ExampleSource examples)
    {
        _batch.Clear();
        while (true)
        {
            if (_waiting is null)
            {
                var example = examples.Next();
                var prompt = _encoder.EncodePrompt(example.Request);
                int[] tokens = [.. prompt, .. _encoder.Encode(example.Answer), _encoder.Vocabulary.TurnEnd];
                if (tokens.Length > Parameters.Shape.Context)
                {
                    continue;
                }

                (_waiting, _waitingPrompt) = (tokens, prompt.Count);
            }

            if (!_batch.TryAdd(_waiting, _waitingPrompt))
            {
                return;
            }

            _tokens += _waiting.Length;
            _examples++;
            _waiting = null;
        }
    }
}
