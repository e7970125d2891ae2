namespace EdgeCoder.Inference.Llama.Contexts;

/// <summary>
/// How many threads compute. Two ggml threads on a busy processor are 2 to 45 times slower than one, because each waits for the other at
/// every operation. So steps are timed, and when they take three times their best, one thread goes on alone for a while.
/// </summary>
/// <param name="most">Threads on a quiet machine.</param>
internal sealed class ThreadPolicy(int most)
{
    /// <summary>A model below this many weights is faster with one thread.</summary>
    public const long SmallModel = 200_000_000;

    private const double TooSlow = 3;
    private const int SlowStepsInARow = 3;
    private const int FirstPause = 256;
    private const int LongestPause = 1 << 16;

    // Steps are compared with steps of about the same number of tokens.
    private readonly double[] _best = [.. Enumerable.Repeat(double.PositiveInfinity, 32)];
    private int _slowSteps;
    private int _pause = FirstPause;
    private int _alone;

    /// <summary>Threads for the next step.</summary>
    public int Threads => _alone > 0 ? 1 : most;

    /// <summary>Threads on a quiet machine: all cores but one, one for a small model.</summary>
    public static int For(int cores, long parameters) => parameters < SmallModel ? 1 : Math.Max(1, cores - 1);

    /// <summary>Takes the time of a step; true when <see cref="Threads"/> changed.</summary>
    public bool Observe(int tokens, TimeSpan time)
    {
        if (most == 1)
        {
            return false;
        }

        return _alone > 0 ? CountDown() : Watch(tokens, time.TotalMilliseconds);
    }

    private bool CountDown() => --_alone == 0;

    private bool Watch(int tokens, double time)
    {
        ref var best = ref _best[System.Numerics.BitOperations.Log2((uint)Math.Max(1, tokens))];
        _slowSteps = time > TooSlow * best ? _slowSteps + 1 : 0;
        best = Math.Min(best, time);
        if (_slowSteps < SlowStepsInARow)
        {
            return false;
        }

        _slowSteps = 0;
        _alone = _pause;
        _pause = Math.Min(_pause * 2, LongestPause);
        return true;
    }
}
