using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Tests.Payments;

/// <summary>A writer whose next armed operation fails before its n-th statement, as a process that ends there: what it did is rolled back.</summary>
internal sealed class FailingWriter(IStoreWriter inner) : IStoreWriter
{
    private int? _failBefore;

    /// <summary>Statements that the last operation ran.</summary>
    public int Statements { get; private set; }

    /// <summary>Fails the next operation that changes anything before this statement, counted from 0; null: never.</summary>
    public void Arm(int? failBefore) => _failBefore = failBefore;

    public Task<T> WriteAsync<T>(Func<IStoreBatch, T> operation, CancellationToken cancellationToken) => inner.WriteAsync(
        batch =>
        {
            var counting = new CountingBatch(batch, _failBefore ?? int.MaxValue);
            try
            {
                return operation(counting);
            }
            finally
            {
                Statements = counting.Statements;
            }
        },
        cancellationToken);

    private sealed class CountingBatch(IStoreBatch inner, int failBefore) : IStoreBatch
    {
        public int Statements { get; private set; }

        public int Execute(string sql, params ReadOnlySpan<object?> values)
        {
            Count();
            return inner.Execute(sql, values);
        }

        public List<T> Query<T>(string sql, Func<StoreRow, T> read, params ReadOnlySpan<object?> values)
        {
            Count();
            return inner.Query(sql, read, values);
        }

        public void Insert<T>(T row)
            where T : class
        {
            Count();
            inner.Insert(row);
        }

        public bool TryInsert<T>(T row)
            where T : class
        {
            Count();
            return inner.TryInsert(row);
        }

        public int TryInsertAll<T>(params ReadOnlySpan<T> rows)
            where T : class
        {
            Count();
            return inner.TryInsertAll(rows);
        }

        private void Count()
        {
            if (Statements++ == failBefore)
            {
                throw new IOException("The process ends here.");
            }
        }
    }
}
