using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Tests.Payouts;

/// <summary>A writer of a process that ends at a step: before an operation, or after its commit. From then on nothing is written, until it is started again.</summary>
internal sealed class EndingWriter(IStoreWriter inner) : IStoreWriter
{
    private int? _left;
    private bool _committed;

    /// <summary>Whether the process ended.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Ends at the operation of this number, counted from 0: before it, or after its commit.</summary>
    public void EndAt(int operation, bool committed) => (_left, _committed, HasEnded) = (operation, committed, false);

    /// <summary>Starts it again.</summary>
    public void Start() => (_left, HasEnded) = (null, false);

    public async Task<T> WriteAsync<T>(Func<IStoreBatch, T> operation, CancellationToken cancellationToken)
    {
        var ends = !HasEnded && _left-- == 0;
        if (HasEnded || (ends && !_committed))
        {
            HasEnded = true;
            throw new IOException("The process ended.");
        }

        var answer = await inner.WriteAsync(operation, cancellationToken);
        if (ends)
        {
            HasEnded = true;
            throw new IOException("The process ended.");
        }

        return answer;
    }
}
