using CsCheck;
using EdgeCoder.Inference.Llama;
using EdgeCoder.Inference.Providers;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Inference.Tests.Llama;

public sealed class LlamaModelTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private static LlamaModel Open(string path, bool vocabularyOnly = false) =>
        LlamaModel.Load(path, vocabularyOnly, cancellationToken: TestContext.Current.CancellationToken);

    [Fact]
    public void Vocabulary_only_file_tokenizes_without_any_tensor()
    {
        using var model = Open(new SyntheticModel { WithTensors = false }.Save(_directory["v.gguf"]), vocabularyOnly: true);
        Assert.Equal(SyntheticModel.VocabularySize, model.VocabularySize);
        Assert.Equal("return the def", model.Detokenize(model.Tokenize("return the def")));
        Assert.True(model.IsVocabularyOnly);
    }

    [Fact]
    public void Full_model_tells_its_facts()
    {
        using var model = Open(new SyntheticModel().Save(_directory["m.gguf"]));
        Assert.Equal(4096, model.TrainedContext);
        Assert.Equal("MIT", model.Metadata("general.license"));
        Assert.Null(model.Metadata("no.such.key"));
        Assert.True(model.IsCausalDecoder);
        Assert.True(model.ParameterCount > 80_000);
        Assert.True(model.SizeBytes > 0);
    }

    [Fact]
    public void Any_text_survives_the_tokenizer()
    {
        using var model = Open(new SyntheticModel { WithTensors = false }.Save(_directory["v.gguf"]), vocabularyOnly: true);
        Gen.String.Where(text => !text.Any(char.IsSurrogate)).Sample(text => model.Detokenize(model.Tokenize(text)) == text);
    }

    [Fact]
    public void Control_token_in_a_persons_text_stays_text()
    {
        using var model = Open(new SyntheticModel { WithTensors = false }.Save(_directory["v.gguf"]), vocabularyOnly: true);
        Assert.Equal([SyntheticModel.EndToken], model.Tokenize("<|im_end|>", parseSpecial: true));
        Assert.True(model.Tokenize("<|im_end|>").Length > 1);
        Assert.True(model.IsEndOfGeneration(SyntheticModel.EndToken));
        Assert.Empty(model.Piece(SyntheticModel.EndToken));
        Assert.Equal("<|im_end|>"u8.ToArray(), model.Piece(SyntheticModel.EndToken, special: true));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1_000_000)]
    public void Token_outside_the_vocabulary_is_refused_before_the_library_sees_it(int token)
    {
        using var model = Open(new SyntheticModel { WithTensors = false }.Save(_directory["v.gguf"]), vocabularyOnly: true);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Piece(token));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.IsEndOfGeneration(token));
    }

    [Fact]
    public void Freed_model_is_refused_and_not_read()
    {
        var model = Open(new SyntheticModel { WithTensors = false }.Save(_directory["v.gguf"]), vocabularyOnly: true);
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.Tokenize("x"));
        Assert.Throws<ObjectDisposedException>(() => model.Piece(1));
        Assert.Throws<ObjectDisposedException>(() => model.IsEndOfGeneration(1));
        Assert.Throws<ObjectDisposedException>(() => model.EndOfText);
    }

    [Fact]
    public void Missing_file_is_model_not_found() =>
        Assert.Equal("model_not_found", Assert.Throws<ModelException>(() => Open(_directory["no.gguf"])).Code);

    [Fact]
    public void File_that_lacks_a_tensor_is_refused_with_the_librarys_reason()
    {
        var path = new SyntheticModel { WithTensors = false }.Save(_directory["v.gguf"]);
        var error = Assert.Throws<ModelException>(() => Open(path));
        Assert.Equal("model_file_invalid", error.Code);
        Assert.Contains("token_embd", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelled_load_throws_cancellation()
    {
        var path = new SyntheticModel().Save(_directory["m.gguf"]);
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => LlamaModel.Load(path, progress: _ => source.Cancel(), cancellationToken: source.Token));
    }
}
