using EdgeCoder.Protocol.Agents;

namespace EdgeCoder.Agent.Power;

/// <summary>
/// Power readings as an agent reports them: at most one sample in 10 s, 2 s for each, and a source that fails or hangs leaves its fields absent
/// (coordinator-and-mesh 7). May be used by several threads.
/// </summary>
/// <param name="source">The machine.</param>
/// <param name="forced">Values that replace what the machine says (<c>IOS_*</c>); absent members replace nothing.</param>
/// <param name="time">The clock.</param>
public sealed class PowerSampler(IPowerSource source, PowerTelemetry forced, TimeProvider time) : IDisposable
{
    /// <summary>Shortest time between two samples.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Longest time of one.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _one = new(1, 1);
    private (long At, PowerTelemetry Value)? _last;
    private Task<PowerTelemetry>? _hanging;

    /// <summary>The last sample, or a new one when it is 10 s old.</summary>
    public async ValueTask<PowerTelemetry> SampleAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_last is not { } last || time.GetElapsedTime(last.At) >= Interval)
            {
                var read = await ReadAsync(cancellationToken).ConfigureAwait(false);
                _last = last = (time.GetTimestamp(), Overlay(read) with { UpdatedAtMs = time.GetUtcNow().ToUnixTimeMilliseconds() });
            }

            return last.Value;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private async Task<PowerTelemetry> ReadAsync(CancellationToken cancellationToken)
    {
        // A source that hangs (a sick ACPI driver) is waited for by one thread and not by one more every 10 s.
        var reading = _hanging is { IsCompleted: false } hanging ? hanging : Task.Run(source.Read, CancellationToken.None);
        _hanging = null;
        try
        {
            return await reading.WaitAsync(Limit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _hanging = reading;
            return new();
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            return new();
        }
    }

    private PowerTelemetry Overlay(PowerTelemetry read) => read with
    {
        OnExternalPower = forced.OnExternalPower ?? read.OnExternalPower,
        LowPowerMode = forced.LowPowerMode ?? read.LowPowerMode,
        BatteryLevelPct = forced.BatteryLevelPct ?? read.BatteryLevelPct,
    };
}
