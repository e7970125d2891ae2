using System.Text;
using EdgeCoder.Inference.Llama;
using EdgeCoder.Inference.Llama.Batching;

namespace EdgeCoder.Training.Evaluation;

/// <summary>A model file in the product's own engine.</summary>
internal sealed class ModelUnderTest : IDisposable
{
    private const int MostTokens = 256;

    private readonly LlamaModel _model;
    private readonly LlamaEngine _engine;

    /// <summary>Loads the file.</summary>
    public ModelUnderTest(string path)
    {
        _model = LlamaModel.Load(path);
        _engine = LlamaEngine.Start(_model, new EngineOptions { ContextSize = 2048, Slots = 4, Threads = 1 });
    }

    /// <summary>Answers the user lines, several at a time, and gives the answers in their order.</summary>
    public async Task<IReadOnlyList<Answer>> AskAsync(IReadOnlyList<string> requests, CancellationToken cancellationToken) =>
        await Task.WhenAll(requests.Select(request => AskAsync(request, cancellationToken)));

    /// <inheritdoc/>
    public void Dispose()
    {
        _engine.Dispose();
        _model.Dispose();
    }

    private async Task<Answer> AskAsync(string request, CancellationToken cancellationToken)
    {
        int[] prompt =
        [
            .. _model.Tokenize("<|im_start|>user\n", parseSpecial: true),
            .. _model.Tokenize(request),
            .. _model.Tokenize("<|im_end|>\n<|im_start|>assistant\n", parseSpecial: true),
        ];
        var generation = _engine.Submit(new GenerationRequest { Prompt = prompt, MaxTokens = Math.Min(MostTokens, _engine.ContextSize - prompt.Length) }, cancellationToken);
        var text = new StringBuilder();
        await foreach (var piece in generation.Text.ReadAllAsync(cancellationToken))
        {
            text.Append(piece);
        }

        var result = await generation.Completion;
        return new Answer(text.ToString(), result.MeanLogProbability, result.WorstWindowLogProbability);
    }
}
