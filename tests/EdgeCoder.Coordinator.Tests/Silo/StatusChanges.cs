using System.Threading.Channels;
using Orleans.Runtime;

namespace EdgeCoder.Coordinator.Tests.Silo;

/// <summary>Waits for what a silo learns of others.</summary>
internal sealed class StatusChanges : ISiloStatusListener
{
    private readonly Channel<bool> _changes = Channel.CreateUnbounded<bool>();
    private readonly ISiloStatusOracle _oracle;

    public StatusChanges(ISiloStatusOracle oracle)
    {
        _oracle = oracle;
        _oracle.SubscribeToSiloStatusEvents(this);
    }

    public async Task ReachedAsync(SiloAddress silo, SiloStatus status)
    {
        for (SiloStatus now; (now = _oracle.GetApproximateSiloStatus(silo)) != status;)
        {
            Assert.True(now != SiloStatus.Dead, $"{silo} was declared dead and is awaited as {status}.");
            await _changes.Reader.ReadAsync(TestContext.Current.CancellationToken);
        }
    }

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status) => _changes.Writer.TryWrite(true);
}
