using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.IdeProvider.Tests.Composition;

/// <summary>
/// The requests that a server has begun and ended. An answer is whole for its client before the server has ended the request: what the server does after its last
/// byte (it frees a place, counts tokens, takes a sample) is done when the request has ended.
/// </summary>
internal sealed class EndedRequests : IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<TaskCompletionSource> _waiting = [];
    private readonly IDisposable _subscription;
    private int _open;

    private EndedRequests(IServiceProvider services) =>
        _subscription = services.GetRequiredService<DiagnosticListener>().Subscribe(this, static name => name is "Microsoft.AspNetCore.Hosting.BeginRequest" or "Microsoft.AspNetCore.Hosting.EndRequest");

    /// <summary>Watches a server that has had no request yet.</summary>
    public static EndedRequests Of(IServiceProvider services) => new(services);

    /// <summary>Ends when every request that was begun has ended.</summary>
    public Task AllAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_open == 0)
            {
                return Task.CompletedTask;
            }

            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(ended);
            return ended.Task.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void OnNext(KeyValuePair<string, object?> value)
    {
        lock (_gate)
        {
            _open += value.Key.EndsWith("BeginRequest", StringComparison.Ordinal) ? 1 : -1;
            if (_open == 0)
            {
                _waiting.ForEach(static waiting => waiting.TrySetResult());
                _waiting.Clear();
            }
        }
    }

    /// <inheritdoc/>
    public void OnCompleted()
    {
    }

    /// <inheritdoc/>
    public void OnError(Exception error)
    {
    }

    /// <inheritdoc/>
    public void Dispose() => _subscription.Dispose();
}
