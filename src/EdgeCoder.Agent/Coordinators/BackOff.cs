namespace EdgeCoder.Agent.Coordinators;

/// <summary>
/// How long to wait after failures: anything up to min(1500·2^min(n,10), 30,000) ms, drawn evenly ("full jitter", coordinator-and-mesh 10), so that a thousand
/// agents do not come back at once.
/// </summary>
/// <param name="draw">Draws evenly from [0, 1).</param>
public sealed class BackOff(Func<double> draw)
{
    private const double FirstMs = 1_500;
    private const double MostMs = 30_000;

    /// <summary>With a seed that differs between agents.</summary>
    public static BackOff Seeded(int seed)
    {
        var random = new Random(seed);
        var turn = new Lock();
        return new(() =>
        {
            lock (turn)
            {
                return random.NextDouble();
            }
        });
    }

    /// <summary>The longest wait after <paramref name="failures"/> failures, 1 or more.</summary>
    public static TimeSpan Ceiling(int failures) => TimeSpan.FromMilliseconds(Math.Min(FirstMs * Math.Pow(2, Math.Clamp(failures, 0, 10)), MostMs));

    /// <summary>A wait.</summary>
    public TimeSpan After(int failures) => Ceiling(failures) * draw();
}
