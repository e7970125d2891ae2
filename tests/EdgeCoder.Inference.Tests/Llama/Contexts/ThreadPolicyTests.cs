using EdgeCoder.Inference.Llama.Contexts;

namespace EdgeCoder.Inference.Tests.Llama.Contexts;

public sealed class ThreadPolicyTests
{
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(31);

    [Theory]
    [InlineData(2, 7_000_000_000, 1)]
    [InlineData(8, 7_000_000_000, 7)]
    [InlineData(1, 7_000_000_000, 1)]
    [InlineData(8, 1_100_000, 1)]
    public void One_core_is_left_free_and_a_small_model_gets_one_thread(int cores, long parameters, int threads) =>
        Assert.Equal(threads, ThreadPolicy.For(cores, parameters));

    [Fact]
    public void Steps_three_times_slower_than_the_best_fall_to_one_thread()
    {
        var policy = new ThreadPolicy(4);
        Assert.False(policy.Observe(8, Quick));
        Assert.False(policy.Observe(8, Slow));
        Assert.False(policy.Observe(8, Slow));
        Assert.True(policy.Observe(8, Slow));
        Assert.Equal(1, policy.Threads);
    }

    [Fact]
    public void One_slow_step_changes_nothing()
    {
        var policy = new ThreadPolicy(4);
        for (var i = 0; i < 100; i++)
        {
            Assert.False(policy.Observe(8, i % 3 == 0 ? Slow : Quick));
        }

        Assert.Equal(4, policy.Threads);
    }

    [Fact]
    public void Longer_steps_are_compared_with_longer_steps()
    {
        var policy = new ThreadPolicy(4);
        for (var i = 0; i < 10; i++)
        {
            Assert.False(policy.Observe(1, Quick));
            Assert.False(policy.Observe(512, 50 * Quick));
        }
    }

    [Fact]
    public void All_threads_are_tried_again_after_a_while_that_grows()
    {
        var policy = new ThreadPolicy(4);
        policy.Observe(8, Quick);
        Assert.True(StepsAlone(policy, Slow) < StepsAlone(policy, Slow));
    }

    [Fact]
    public void One_thread_is_never_reduced()
    {
        var policy = new ThreadPolicy(1);
        policy.Observe(8, Quick);
        Assert.All(Enumerable.Range(0, 10), _ => Assert.False(policy.Observe(8, Slow)));
    }

    private static int StepsAlone(ThreadPolicy policy, TimeSpan time)
    {
        while (policy.Threads > 1)
        {
            policy.Observe(8, time);
        }

        var steps = 0;
        for (; policy.Threads == 1; steps++)
        {
            policy.Observe(8, time);
        }

        return steps;
    }
}
