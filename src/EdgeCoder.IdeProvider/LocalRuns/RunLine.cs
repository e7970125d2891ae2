using EdgeCoder.IdeProvider.Routing;

namespace EdgeCoder.IdeProvider.LocalRuns;

/// <summary>The line in front of runs: some work at once, some wait, the rest are told to come again. Each holds a sandbox, which the line of the models does not count.</summary>
internal sealed class RunLine : IDisposable
{
    private const int AtOnce = 4;
    private const int Room = 64;

    private readonly LocalLine _line = new(AtOnce, Room);

    /// <inheritdoc cref="LocalLine.EnterAsync"/>
    public ValueTask EnterAsync(CancellationToken cancellationToken) => _line.EnterAsync(cancellationToken);

    /// <inheritdoc cref="LocalLine.Leave"/>
    public void Leave() => _line.Leave();

    /// <inheritdoc/>
    public void Dispose() => _line.Dispose();
}
