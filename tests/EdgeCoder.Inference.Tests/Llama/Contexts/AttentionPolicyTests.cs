using EdgeCoder.Inference.Llama.Contexts;

namespace EdgeCoder.Inference.Tests.Llama.Contexts;

public sealed class AttentionPolicyTests
{
    [Theory]
    [InlineData(32, 4, 1024, false)]
    [InlineData(64, 4, 1024, null)]
    [InlineData(128, 12, 32_768, null)]
    public void Narrow_heads_go_without_the_fused_operation(int headWidth, int heads, int context, bool? fused) =>
        Assert.Equal(fused, AttentionPolicy.Fused(headWidth, heads, context, 512));

    [Fact]
    public void Long_context_never_takes_room_for_every_pair_of_tokens() => Assert.Null(AttentionPolicy.Fused(32, 16, 32_768, 512));
}
