namespace EdgeCoder.Executor.Fuzz;

/// <summary>Something that reads bytes which it must not trust.</summary>
internal abstract class FuzzTarget
{
    /// <summary>Its name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>Inputs that get past the first checks; mutation starts from them.</summary>
    public abstract IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Pieces that mean something to it.</summary>
    public abstract IReadOnlyList<byte[]> Words { get; }

    /// <summary>Reads one input. Throws when something that must always hold did not.</summary>
    public abstract void Check(byte[] input);

    /// <summary>Throws <see cref="FuzzException"/> unless a thing holds that must.</summary>
    protected static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new FuzzException(what);
        }
    }
}

/// <summary>What must always hold did not.</summary>
internal sealed class FuzzException(string message) : Exception(message);
