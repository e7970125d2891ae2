using EdgeCoder.Training.Tests.Corpus;
using EdgeCoder.Inference.Llama.Gguf;
using EdgeCoder.TestKit.Files;
using EdgeCoder.Training.Corpus;
using EdgeCoder.Training.Corpus.Wording;
using EdgeCoder.Training.Evaluation;
using EdgeCoder.Training.Export;
using EdgeCoder.Training.Learning;
using EdgeCoder.Training.Tokens;

namespace EdgeCoder.Training.Tests.Learning;

/// <summary>Runs the whole recipe in small: few templates, a small model, a few hundred steps.</summary>
public sealed class TrainingTests
{
    private static readonly Recipe Small = new() { Steps = 220, BatchTokens = 1_024, WarmUp = 20, Vocabulary = 512, VocabularyExamples = 500, Rate = 6e-3 };
    private static readonly ModelShape Shape = new() { Vocabulary = 512, Width = 64, Heads = 2, Layers = 2, Hidden = 160 };
    private static readonly ExampleMix Mix = new() { Templates = 6, Refusals = 0.2, JavaScript = 0, GivenNames = 0 };

    [Fact]
    public async Task Small_model_learns_and_the_engine_says_what_the_trainer_expects()
    {
        var source = new ExampleSource(References.Answers, WordingSet.Training, Mix, Small.Seed, HeldOutRequests.All);
        var vocabulary = VocabularyTrainer.Train(Enumerable.Range(0, Small.VocabularyExamples).Select(_ => source.Next()).SelectMany(example => (string[])[example.Request, example.Answer]), Small.Vocabulary);
        var encoder = new TokenEncoder(vocabulary);
        using var trainer = new Trainer(Small, encoder, Shape);
        var losses = new List<double>();
        trainer.Run(source, progress => losses.Add(progress.Loss), TestContext.Current.CancellationToken);

        // 1. It learnt: the loss of guessing is ln 512 = 6.2.
        Assert.InRange(losses[0], 5.5, 7);
        Assert.True(losses[^1] < 0.8, $"The loss is still {losses[^1]:F3}.");

        // 2. In the engine, the exported file answers, and is as sure of its answer as the trainer computes.
        using var folder = new TemporaryDirectory();
        var path = folder["small.gguf"];
        ModelExport.Save(path, trainer.Parameters, vocabulary, GgmlType.F32);
        using var model = new ModelUnderTest(path);
        var request = "code python: write a function that keeps only the even numbers of a list";
        var answer = (await model.AskAsync([request], TestContext.Current.CancellationToken))[0];
        Assert.StartsWith("```python\n# ", answer.Text, StringComparison.Ordinal);
        Assert.Equal(answer.MeanLogProbability, -LossOf(trainer.Parameters, encoder, request, answer.Text), 0.02);
    }

    [Fact]
    public void Same_recipe_gives_the_same_loss()
    {
        Assert.Equal(Run(), Run());

        static double Run()
        {
            var source = new ExampleSource(References.Answers, WordingSet.Training, Mix, 1, HeldOutRequests.All);
            var vocabulary = VocabularyTrainer.Train(Enumerable.Range(0, 100).Select(_ => source.Next().Answer), 320);
            using var trainer = new Trainer(Small with { Steps = 3 }, new TokenEncoder(vocabulary), Shape with { Vocabulary = 320 });
            return trainer.Run(source, _ => { }, CancellationToken.None).Loss;
        }
    }

    [Fact]
    public void Checkpoint_gives_the_same_file_as_the_training_itself()
    {
        using var folder = new TemporaryDirectory();
        var vocabulary = VocabularyTrainer.Train([string.Join(' ', Enumerable.Range(0, 200))], 288);
        using var parameters = new Parameters(Shape with { Vocabulary = vocabulary.Count });
        parameters.Initialize(1);
        Checkpoint.Save(folder["a.weights"], parameters, vocabulary);
        var (read, readVocabulary) = Checkpoint.Load(folder["a.weights"]);
        ModelExport.Save(folder["a.gguf"], parameters, vocabulary, GgmlType.Q8_0);
        using (read)
        {
            ModelExport.Save(folder["b.gguf"], read, readVocabulary, GgmlType.Q8_0);
        }

        Assert.Equal(File.ReadAllBytes(folder["a.gguf"]), File.ReadAllBytes(folder["b.gguf"]));
        File.WriteAllBytes(folder["cut.weights"], File.ReadAllBytes(folder["a.weights"])[..^64]);
        Assert.Throws<InvalidDataException>(() => Checkpoint.Load(folder["cut.weights"]));
    }

    private static double LossOf(Parameters parameters, TokenEncoder encoder, string request, string answer)
    {
        var prompt = encoder.EncodePrompt(request);
        var batch = new TokenBatch(256);
        batch.Clear();
        Assert.True(batch.TryAdd([.. prompt, .. encoder.Encode(answer), encoder.Vocabulary.TurnEnd], prompt.Count));
        using var transformer = new Transformer(parameters, 256);
        return transformer.Loss(batch);
    }
}
