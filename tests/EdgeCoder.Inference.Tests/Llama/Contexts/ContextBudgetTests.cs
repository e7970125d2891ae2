using CsCheck;
using EdgeCoder.Inference.Llama.Contexts;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Tests.Llama.Contexts;

public sealed class ContextBudgetTests
{
    private const long GiB = 1L << 30;

    [Fact]
    public void Without_a_wish_the_models_own_window_is_used() => Assert.Equal(4096, ContextBudget.Size(null, 4096, 1000, 8 * GiB));

    [Fact]
    public void Very_long_window_is_used_only_when_asked_for()
    {
        Assert.Equal(ContextBudget.DefaultLargest, ContextBudget.Size(null, 1 << 20, 1000, 8 * GiB));
        Assert.Equal(100_000, ContextBudget.Size(100_000, 1 << 20, 1000, 8 * GiB));
    }

    [Fact]
    public void Window_beyond_the_training_is_never_used() => Assert.Equal(2048, ContextBudget.Size(8192, 2048, 1000, 8 * GiB));

    [Fact]
    public void Memory_for_nothing_useful_is_out_of_memory() =>
        Assert.Equal("out_of_memory", Assert.Throws<ModelException>(() => ContextBudget.Size(null, 4096, 1 << 20, 100 << 20)).Code);

    [Fact]
    public void Cache_never_takes_more_than_half_of_the_free_memory() =>
        Gen.Select(Gen.Int[1, 1 << 20], Gen.Int[0, 1 << 20], Gen.Long[1, 1 << 22], Gen.Long[0, 64 * GiB]).Sample((wanted, trained, perToken, free) =>
        {
            try
            {
                var size = ContextBudget.Size(wanted, trained, perToken, free);
                return size * perToken <= free / 2 + perToken && size >= ContextBudget.Smallest;
            }
            catch (ModelException)
            {
                return ContextBudget.Smallest * perToken > free / 2;
            }
        });

    [Theory]
    [InlineData(256, 4, 1024)]
    [InlineData(4096, 4, 8192)]
    [InlineData(32_768, 8, 32_768)]
    public void Generations_side_by_side_share_a_cache_of_reasonable_size(int window, int slots, int cache) =>
        Assert.Equal(cache, ContextBudget.Shared(window, slots, 1000, 8 * GiB));

    [Fact]
    public void Shared_cache_shrinks_with_the_memory_but_not_below_one_window() => Assert.Equal(4096, ContextBudget.Shared(4096, 4, 1 << 20, 1 * GiB));

    [Theory]
    [InlineData("MemTotal:  100 kB\nMemAvailable:    2048 kB\n", 2048L * 1024)]
    [InlineData("MemTotal:  100 kB\n", null)]
    [InlineData("MemAvailable: many\n", null)]
    public void Available_memory_is_read_from_the_systems_line(string text, long? expected) => Assert.Equal(expected, FreeMemory.Available(text));
}
