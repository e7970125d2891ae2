using System.Runtime.InteropServices;
using EdgeCoder.Inference.Llama;
using EdgeCoder.Inference.Llama.Binding;

namespace EdgeCoder.Inference.Tests.Llama;

/// <summary>The structs are passed by value and have no size field: a wrong offset would be silent damage.</summary>
public sealed class AbiTests
{
    public AbiTests() => LlamaLibrary.Load();

    [Theory]
    [InlineData(typeof(ModelParameters), 80)]
    [InlineData(typeof(ContextParameters), 160)]
    [InlineData(typeof(Batch), 56)]
    [InlineData(typeof(TokenData), 12)]
    [InlineData(typeof(TokenDataArray), 32)]
    [InlineData(typeof(SamplerChainParameters), 1)]
    [InlineData(typeof(ChatMessageEntry), 16)]
    [InlineData(typeof(ThreadPoolParameters), 528)]
    public void Size_is_that_of_the_header(Type type, int bytes) => Assert.Equal(bytes, Marshal.SizeOf(type));

    [Theory]
    [InlineData(typeof(ModelParameters), nameof(ModelParameters.GpuLayers), 16)]
    [InlineData(typeof(ModelParameters), nameof(ModelParameters.TensorSplit), 40)]
    [InlineData(typeof(ModelParameters), nameof(ModelParameters.ProgressCallback), 48)]
    [InlineData(typeof(ModelParameters), nameof(ModelParameters.VocabularyOnly), 72)]
    [InlineData(typeof(ModelParameters), nameof(ModelParameters.LoadMultiTokenPrediction), 77)]
    [InlineData(typeof(ContextParameters), nameof(ContextParameters.Threads), 28)]
    [InlineData(typeof(ContextParameters), nameof(ContextParameters.FlashAttentionType), 52)]
    [InlineData(typeof(ContextParameters), nameof(ContextParameters.EvaluationCallback), 88)]
    [InlineData(typeof(ContextParameters), nameof(ContextParameters.KeyType), 104)]
    [InlineData(typeof(ContextParameters), nameof(ContextParameters.AbortCallback), 112)]
    [InlineData(typeof(ContextParameters), nameof(ContextParameters.Embeddings), 128)]
    [InlineData(typeof(ContextParameters), nameof(ContextParameters.UnifiedCache), 133)]
    [InlineData(typeof(ContextParameters), nameof(ContextParameters.Samplers), 136)]
    [InlineData(typeof(ContextParameters), nameof(ContextParameters.OtherContext), 152)]
    [InlineData(typeof(Batch), nameof(Batch.Tokens), 8)]
    [InlineData(typeof(Batch), nameof(Batch.WantsLogits), 48)]
    [InlineData(typeof(TokenDataArray), nameof(TokenDataArray.Selected), 16)]
    [InlineData(typeof(TokenDataArray), nameof(TokenDataArray.Sorted), 24)]
    [InlineData(typeof(ThreadPoolParameters), nameof(ThreadPoolParameters.Threads), 512)]
    [InlineData(typeof(ThreadPoolParameters), nameof(ThreadPoolParameters.Poll), 520)]
    public void Field_is_where_the_header_puts_it(Type type, string field, int offset) => Assert.Equal(offset, (int)Marshal.OffsetOf(type, field));

    [Fact]
    public void Version_is_one_that_was_compared() => Assert.Contains(LlamaLibrary.Load(), LlamaLibrary.SupportedVersions);

    [Fact]
    public void Library_returns_the_default_values_of_its_header() => Assert.Null(AbiCheck.FirstDifference());

    [Fact]
    public void Check_notices_a_field_that_moved()
    {
        var shifted = NativeApi.llama_context_default_params();
        (shifted.BatchSize, shifted.MicroBatchSize) = (shifted.MicroBatchSize, shifted.BatchSize);
        Assert.NotNull(AbiCheck.FirstContextDifference(shifted));

        var model = NativeApi.llama_model_default_params();
        model.UseExtraBufferTypes = 0;
        Assert.NotNull(AbiCheck.FirstModelDifference(model));
    }
}
