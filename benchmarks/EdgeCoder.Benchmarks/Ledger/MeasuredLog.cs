using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Keys;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Benchmarks.Ledger;

/// <summary>A coordinator's log on a SQLite store of its own, kept as in a running coordinator.</summary>
internal sealed class MeasuredLog : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("edgecoder-ledger-");
    private readonly ServiceProvider _services;

    private MeasuredLog(TimeSpan interval) => _services = new ServiceCollection().AddLogging()
        .AddSingleton(TimeProvider.System)
        .AddSingleton(new CoordinatorIdentity("coord-bench", SigningKey.Generate(), "http://127.0.0.1:4301"))
        .AddStore(StoreSettings.From(null, _directory.FullName))
        .AddLog(new() { Directory = Path.Combine(_directory.FullName, "ledger"), CheckpointInterval = interval })
        .BuildServiceProvider();

    /// <summary>Leaves that the newest checkpoint names.</summary>
    public long Published => _services.GetRequiredService<LogCheckpoints>().Newest?.Checkpoint.Size ?? 0;

    /// <summary>Its key, as somebody trusts it.</summary>
    public CoordinatorIdentity Identity => _services.GetRequiredService<CoordinatorIdentity>();

    /// <summary>What readers get.</summary>
    public LogProofs Proofs => _services.GetRequiredService<LogProofs>();

    /// <summary>Opens one.</summary>
    public static async Task<MeasuredLog> StartAsync(TimeSpan interval)
    {
        var log = new MeasuredLog(interval);
        await log._services.GetRequiredService<IStoreWriter>().WriteAsync(_ => true, CancellationToken.None);
        await log._services.GetRequiredService<LogKeeper>().StartAsync(CancellationToken.None);
        return log;
    }

    /// <summary>Writes the event of one receipt; it is durable when this returns.</summary>
    public Task<bool> WriteAsync(int number) => _services.GetRequiredService<IStoreWriter>().WriteAsync(
        batch =>
        {
            LogOutbox.Append(batch, RecordTypes.Receipt, $"task-{number}", "subtask-1", "worker-a", Payload, 1_700_000_000_000 + number);
            return true;
        },
        CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _services.GetRequiredService<LogKeeper>().StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    // As a coordinator writes it: hashes for everything.
    private static readonly string Payload = $$"""
        {"acceptanceHash":"{{new string('a', 64)}}","agentId":"worker-a","agentKeyId":"03396219237f75a6","inputHash":"{{new string('b', 64)}}","modelHash":"{{new string('c', 64)}}","outputHash":"{{new string('d', 64)}}","policyHash":"{{new string('e', 64)}}","priceMc":12345,"resultHash":"{{new string('f', 64)}}","sandboxHash":"{{new string('0', 64)}}","transferId":"86b906997608dcad2b653d3f0a4ab010","verdict":"accepted","verifierId":"coord-bench"}
        """;
}
