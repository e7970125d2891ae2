namespace EdgeCoder.Hosting.Storage;

/// <summary>
/// A change that must come before others and decides whether they may happen: it is handed to the writer first and not waited for. Operations of the flow in
/// which it is <see cref="Current"/> run behind it, in its transaction or a later one, and only if it held; so one commit makes both durable.
/// </summary>
public sealed class OperationCondition
{
    private static readonly AsyncLocal<OperationCondition?> Flow = new();

    private readonly Func<Exception> _refusal;

    // Read and written on the writer's thread: what the first change found in the run of its batch that is going on.
    private bool _holdsInBatch;

    /// <summary>Hands in the first change.</summary>
    /// <param name="writer">Writer.</param>
    /// <param name="first">The change; gives whether the others may happen. Runs more than once when its batch does.</param>
    /// <param name="refusal">What the others are refused with.</param>
    public OperationCondition(IStoreWriter writer, Func<IStoreBatch, bool> first, Func<Exception> refusal)
    {
        _refusal = refusal;
        Holds = writer.WriteAsync(
            batch =>
            {
                _holdsInBatch = false;
                return _holdsInBatch = first(batch);
            },
            CancellationToken.None);
    }

    /// <summary>The condition of operations that are handed in by this flow from now on; null: none.</summary>
    public static OperationCondition? Current
    {
        get => Flow.Value;
        set => Flow.Value = value;
    }

    /// <summary>Whether it held, once that is durable.</summary>
    public Task<bool> Holds { get; }

    /// <summary>The operation, for as long as the condition holds. On the writer's thread.</summary>
    internal Func<IStoreBatch, T> Guard<T>(Func<IStoreBatch, T> operation) => batch => Allows() ? operation(batch) : throw _refusal();

    // Once it is decided the store has it, or not: a batch that failed at its commit leaves nothing to build on.
    private bool Allows() => Holds.IsCompleted ? Holds.IsCompletedSuccessfully && Holds.Result : _holdsInBatch;
}
