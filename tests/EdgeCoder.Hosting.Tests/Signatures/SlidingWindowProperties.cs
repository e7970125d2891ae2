using CsCheck;
using EdgeCoder.Hosting.Signatures;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Hosting.Tests.Signatures;

public sealed class SlidingWindowProperties
{
    [Fact]
    public void No_span_of_the_window_holds_more_than_the_limit_and_nothing_is_refused_that_fits() =>
        Gen.Select(Gen.Int[1, 20], Gen.Long[1, 100], Gen.Long[0, 30].Array[0, 200]).Sample((limit, window, steps) =>
        {
            var sliding = new SlidingWindow(limit, window);
            var taken = new List<long>();
            long now = 0;
            foreach (var step in steps)
            {
                now += step;
                var fits = taken.Count(time => time > now - window) < limit;
                var wait = sliding.WaitMs(now);
                if (sliding.TryAdd(now) != fits || (wait == 0) != fits || (!fits && !new Func<bool>(() => taken.Count(time => time > now + wait - window) < limit)()))
                {
                    return false;
                }

                if (fits)
                {
                    taken.Add(now);
                }
            }

            return true;
        });

    [Fact]
    public void What_is_taken_back_was_not_counted()
    {
        var window = new SlidingWindow(2, 100);
        Assert.True(window.TryAdd(0));
        Assert.True(window.TryAdd(10));
        window.TakeBack();
        Assert.True(window.TryAdd(20));
        Assert.False(window.TryAdd(30));
        Assert.Equal(70, window.WaitMs(30));
    }

    [Fact]
    public void Windows_of_many_strangers_are_forgotten()
    {
        var time = new FakeTimeProvider();
        var windows = new SlidingWindows(5, TimeSpan.FromMinutes(1), time);
        for (var i = 0; i < 5000; i++)
        {
            Assert.True(windows.TryAdd($"address-{i}", out _));
        }

        time.Advance(TimeSpan.FromMinutes(2));
        Assert.True(windows.TryAdd("last", out _));
        Assert.Equal(1, windows.Keys);
    }

    [Fact]
    public void Many_threads_never_take_more_than_the_limit()
    {
        var windows = new SlidingWindows(100, TimeSpan.FromMinutes(1), new FakeTimeProvider());
        var taken = 0;
        Parallel.For(0, 1000, _ =>
        {
            if (windows.TryAdd("one", out var seconds))
            {
                Interlocked.Increment(ref taken);
            }
            else
            {
                Assert.InRange(seconds, 1, 60);
            }
        });
        Assert.Equal(100, taken);
        windows.TakeBack("one");
        Assert.True(windows.HasRoom("one", out _));
    }
}
