using CsCheck;
using EdgeCoder.Training.Tests.Corpus;
using EdgeCoder.Inference.Llama;
using EdgeCoder.Inference.Llama.Gguf;
using EdgeCoder.TestKit.Files;
using EdgeCoder.Training.Corpus;
using EdgeCoder.Training.Corpus.Wording;
using EdgeCoder.Training.Evaluation;
using EdgeCoder.Training.Export;
using EdgeCoder.Training.Learning;
using EdgeCoder.Training.Tokens;

namespace EdgeCoder.Training.Tests.Tokens;

public sealed class TokenEncoderTests
{
    private static readonly Lazy<Vocabulary> Trained = new(() => VocabularyTrainer.Train(Examples(1, 500).SelectMany(example => (string[])[example.Request, example.Answer]), 512));

    [Fact]
    public void Any_text_survives_encoding_and_decoding()
    {
        var encoder = new TokenEncoder(Trained.Value);
        Gen.String.Where(text => !text.Any(char.IsSurrogate)).Sample(text => encoder.Decode(encoder.Encode(text)) == text);
    }

    [Fact]
    public void Frequent_words_become_one_token()
    {
        var encoder = new TokenEncoder(Trained.Value);
        Assert.Single(encoder.Encode(" return"));
        Assert.Single(encoder.Encode(" function"));
    }

    [Fact]
    public void Engine_and_trainer_agree_on_every_token()
    {
        using var folder = new TemporaryDirectory();
        using var parameters = new Parameters(new ModelShape { Vocabulary = Trained.Value.Count, Width = 64, Heads = 2, Layers = 1, Hidden = 64 });
        var path = folder["vocabulary.gguf"];
        ModelExport.Save(path, parameters, Trained.Value, GgmlType.F32);
        using var model = LlamaModel.Load(path, vocabularyOnly: true, cancellationToken: TestContext.Current.CancellationToken);
        var encoder = new TokenEncoder(Trained.Value);

        foreach (var example in Examples(2, 300))
        {
            Assert.Equal(encoder.Encode(example.Answer), model.Tokenize(example.Answer));
            Assert.Equal(
                encoder.EncodePrompt(example.Request),
                [.. model.Tokenize("<|im_start|>user\n", parseSpecial: true), .. model.Tokenize(example.Request), .. model.Tokenize("<|im_end|>\n<|im_start|>assistant\n", parseSpecial: true)]);
        }

        Gen.String[Gen.Char["abc XYZ019_.,()'\n\t\"äé–"], 0, 60].Sample(text => encoder.Encode(text).SequenceEqual(model.Tokenize(text)));
    }

    private static IEnumerable<Example> Examples(int seed, int count)
    {
        var source = new ExampleSource(References.Answers, WordingSet.Training, new ExampleMix(), seed, HeldOutRequests.All);
        return [.. Enumerable.Range(0, count).Select(_ => source.Next())];
    }
}
