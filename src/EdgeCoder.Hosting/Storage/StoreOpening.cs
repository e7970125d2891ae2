using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;

namespace EdgeCoder.Hosting.Storage;

/// <summary>
/// Makes or checks the schema once, before any other part of the host starts. EF Core takes long to build a model: that goes on beside the start of the others.
/// </summary>
internal sealed class StoreOpening(StoreSettings settings, Func<DbContext> context) : IHostedLifecycleService
{
    private readonly Lock _gate = new();
    private bool _open;
    private Task _model = Task.CompletedTask;

    /// <summary>Makes or checks the schema, unless that is done. A failure is not kept: the next call tries again.</summary>
    public void Open()
    {
        lock (_gate)
        {
            if (!_open)
            {
                StoreSchema.Prepare(settings, context);
                _open = true;
            }
        }
    }

    // Hosts call this of every service before they start any.
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        Open();
        _model = Task.Run(BuildModel, cancellationToken);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => _model;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void BuildModel()
    {
        using var built = context();
        _ = built.Model;
    }
}
