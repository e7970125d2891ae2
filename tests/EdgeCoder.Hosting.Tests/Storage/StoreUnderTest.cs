using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Hosting.Tests.Storage;

/// <summary>A store as a role registers it.</summary>
internal sealed class StoreUnderTest : IDisposable
{
    private readonly ServiceProvider _services;

    public StoreUnderTest(StoreSettings settings)
    {
        // The writer's patience is measured by it and so never ends: how long a server takes to come back is the machine's affair.
        var standing = new FakeTimeProvider();
        _services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(standing).AddStore<SampleContext>(settings).BuildServiceProvider();
        Opening.Open();
    }

    public IStoreWriter Writer => _services.GetRequiredService<IStoreWriter>();

    public StoreOpening Opening => _services.GetRequiredService<StoreOpening>();

    public SampleContext Context() => _services.GetRequiredService<IDbContextFactory<SampleContext>>().CreateDbContext();

    public Task<T> WriteAsync<T>(Func<IStoreBatch, T> operation) => Writer.WriteAsync(operation, TestContext.Current.CancellationToken);

    public Task WriteAsync(Action<IStoreBatch> operation) => WriteAsync(batch =>
    {
        operation(batch);
        return true;
    });

    public void Dispose() => _services.Dispose();
}
