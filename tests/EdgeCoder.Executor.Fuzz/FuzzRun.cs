namespace EdgeCoder.Executor.Fuzz;

/// <summary>An input that broke a rule, and how to make it again.</summary>
/// <param name="Target">What read it.</param>
/// <param name="Seed">Seed of the run.</param>
/// <param name="Iteration">Which input of the run it was; -1 for one of the corpus.</param>
/// <param name="Input">The input.</param>
/// <param name="Fault">What happened.</param>
internal sealed record FuzzFailure(string Target, int Seed, long Iteration, byte[] Input, Exception Fault);

/// <summary>Runs one target: its seeds and the corpus first, then mutations, each from the run's seed. There is no clock in it.</summary>
internal sealed class FuzzRun(FuzzTarget target, int seed)
{
    private const int LargestPool = 256;

    /// <summary>The first input that breaks a rule; null when none did.</summary>
    /// <param name="corpus">Further inputs to begin with.</param>
    /// <param name="count">How many mutations.</param>
    public FuzzFailure? Find(IReadOnlyList<byte[]> corpus, long count)
    {
        List<byte[]> pool = [.. target.Seeds, .. corpus];
        foreach (var input in pool)
        {
            if (Try(input) is { } fault)
            {
                return new(target.Name, seed, -1, input, fault);
            }
        }

        // The pool changes as it goes, so that mutations add up; nothing measures coverage.
        var random = new Random(seed);
        var mutator = new Mutator(random, target.Words);
        for (var iteration = 0L; iteration < count; iteration++)
        {
            var input = mutator.Next(pool);
            if (Try(input) is { } fault)
            {
                return new(target.Name, seed, iteration, input, fault);
            }

            if (random.Next(16) == 0 && input.Length > 0)
            {
                Keep(pool, input, random);
            }
        }

        return null;
    }

    private void Keep(List<byte[]> pool, byte[] input, Random random)
    {
        if (pool.Count < LargestPool)
        {
            pool.Add(input);
        }
        else
        {
            pool[random.Next(target.Seeds.Count, pool.Count)] = input;
        }
    }

    private Exception? Try(byte[] input)
    {
        try
        {
            target.Check(input);
            return null;
        }
        catch (Exception fault)
        {
            return fault;
        }
    }
}
