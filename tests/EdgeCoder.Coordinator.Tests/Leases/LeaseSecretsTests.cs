using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Coordinator.Tests.Leases;

public sealed class LeaseSecretsTests : IDisposable
{
    private readonly SigningKey _key = SigningKey.Generate();

    public void Dispose() => _key.Dispose();

    [Fact]
    public void Many_threads_hide_and_reveal_at_the_same_time()
    {
        var secrets = new LeaseSecrets(Surroundings(_key));
        Parallel.For(0, 5000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            byte[] secret = [.. BitConverter.GetBytes(i), .. new byte[28]];
            Assert.Equal(secret, secrets.Reveal($"lease-{i}", secrets.Hide($"lease-{i}", secret)));
        });
    }

    [Fact]
    public void Secret_of_one_lease_or_coordinator_is_none_of_another()
    {
        using var other = SigningKey.Generate();
        var hidden = new LeaseSecrets(Surroundings(_key)).Hide("lease-1", new byte[32]);
        Assert.Equal(new byte[32], new LeaseSecrets(Surroundings(_key)).Reveal("lease-1", hidden));
        Assert.Null(new LeaseSecrets(Surroundings(_key)).Reveal("lease-2", hidden));
        Assert.Null(new LeaseSecrets(Surroundings(other)).Reveal("lease-1", hidden));
        Assert.Null(new LeaseSecrets(Surroundings(_key)).Reveal("lease-1", null));
        Assert.DoesNotContain(Enumerable.Range(0, hidden.Length - 8), at => hidden.AsSpan(at, 8).IndexOfAnyExcept((byte)0) < 0);
    }

    private static QueueSurroundings Surroundings(SigningKey key) => new()
    {
        PeerId = "coord-1",
        Signer = () => key,
        AgentKey = (_, _) => default,
        Agents = _ => Task.FromResult<IReadOnlyList<AgentFacts>>([]),
        Paused = _ => default,
        AuditWindow = _ => new("w-1"),
        Draw = (_, _, _, _) => default,
        MayLease = (_, _, _) => true,
    };
}
