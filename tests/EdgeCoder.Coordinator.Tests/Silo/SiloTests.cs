using System.Diagnostics;
using System.Net;
using EdgeCoder.Coordinator.Silo;
using EdgeCoder.Coordinator.Tests.SiloHost;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Postgres;
using EdgeCoder.TestKit.Processes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;

namespace EdgeCoder.Coordinator.Tests.Silo;

public sealed class SiloTests
{
    // Three missed ones are a death: on a busy machine a silo that lives is silent for seconds.
    private static readonly TimeSpan Probe = TimeSpan.FromSeconds(3);

    // How soon a start gives up those that were killed; nobody judges a silo that lives by it.
    private static readonly TimeSpan ShortProbe = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task Two_coordinators_of_one_machine_do_not_meet()
    {
        using var directory = new TemporaryDirectory();
        using var first = SiloHosts.Build(StoreSettings.InFile(directory["1.db"]), new() { Clustered = false });
        using var second = SiloHosts.Build(StoreSettings.InFile(directory["2.db"]), new() { Clustered = false });
        var began = Stopwatch.GetTimestamp();
        await first.StartAsync(TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine($"The first silo of a process started in {Stopwatch.GetElapsedTime(began).TotalMilliseconds:F0} ms.");
        began = Stopwatch.GetTimestamp();
        await second.StartAsync(TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine($"The second in {Stopwatch.GetElapsedTime(began).TotalMilliseconds:F0} ms.");

        Assert.NotEqual(Address(first), Address(second));
        foreach (var host in new[] { first, second })
        {
            var places = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Where(host, i)));
            Assert.All(places, place => Assert.Equal(Address(host).ToParsableString(), place));
            await host.StopAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void Port_that_is_held_is_not_given_twice_and_is_free_again_afterwards()
    {
        int number;
        using (var one = SiloPort.Reserve(IPAddress.Loopback))
        using (var two = SiloPort.Reserve(IPAddress.Loopback))
        {
            Assert.NotEqual(one.Number, two.Number);
            number = one.Number;
        }

        using var again = SiloPort.Reserve(IPAddress.Loopback);
        Assert.True(again.Number <= number);
    }

    [Fact]
    public async Task Grains_of_a_killed_silo_move_to_the_one_that_lives()
    {
        var database = await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync();
        using var survivor = SiloHosts.Build(StoreSettings.OnServer(database), new() { Clustered = true, Probe = Probe });
        await survivor.StartAsync(TestContext.Current.CancellationToken);
        using var other = await SiloProcess.StartAsync(database, Probe);
        var changes = new StatusChanges(survivor.Services.GetRequiredService<ISiloStatusOracle>());
        await changes.ReachedAsync(other.Address, SiloStatus.Active);

        // A silo that is active gets its first grain when what it can host is known too.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken, new CancellationTokenSource(ProgramRun.Patience).Token);
        for (var grain = 100; await Where(survivor, grain) != other.Address.ToParsableString(); grain++)
        {
            patience.Token.ThrowIfCancellationRequested();
        }

        var before = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Where(survivor, i)));
        Assert.Contains(other.Address.ToParsableString(), before);
        Assert.Contains(Address(survivor).ToParsableString(), before);

        var began = Stopwatch.GetTimestamp();
        await other.KillAsync();
        await changes.ReachedAsync(other.Address, SiloStatus.Dead);
        TestContext.Current.TestOutputHelper?.WriteLine($"The killed silo was declared dead after {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s.");

        var after = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Where(survivor, i)));
        Assert.All(after, place => Assert.Equal(Address(survivor).ToParsableString(), place));
        await survivor.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Silo_whose_whole_cluster_was_killed_starts_again()
    {
        var database = await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync();
        using (var killed = await SiloProcess.StartAsync(database, ShortProbe))
        {
            await killed.KillAsync();
        }

        var began = Stopwatch.GetTimestamp();
        using var again = await SiloProcess.StartAsync(database, ShortProbe);
        TestContext.Current.TestOutputHelper?.WriteLine($"It started again in {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s.");
    }

    private static SiloAddress Address(IHost host) => host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;

    private static async Task<string> Where(IHost host, int grain) => await host.Services.GetRequiredService<IGrainFactory>().GetGrain<IPlaceGrain>(grain).WhereAsync();
}
