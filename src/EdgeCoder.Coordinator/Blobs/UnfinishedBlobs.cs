using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.Hosting;

namespace EdgeCoder.Coordinator.Blobs;

/// <summary>Removes at each start what uploads of a killed coordinator left. Another silo's upload of today goes on.</summary>
internal sealed class UnfinishedBlobs(BlobStore blobs, TimeProvider time) : IHostedService
{
    private static readonly TimeSpan Age = TimeSpan.FromDays(1);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        blobs.RemoveUnfinished(time.GetUtcNow() - Age);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
