namespace EdgeCoder.Inference.Providers;

/// <summary>Health of one provider: the answer of a real probe, kept for 5 s; a failed call counts against it at once.</summary>
internal sealed class HealthCache(TimeProvider time, Func<CancellationToken, Task<ProviderHealth>> probe)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private ProviderHealth? _last;
    private long _at;

    public async Task<ProviderHealth> CheckAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_last is not null && time.GetElapsedTime(_at) < Fresh)
            {
                return _last;
            }
        }

        ProviderHealth health;
        try
        {
            health = await probe(cancellationToken).ConfigureAwait(false);
        }
        catch (ModelException e)
        {
            health = new(Ok: false, e.Message);
        }

        Note(health);
        return health;
    }

    /// <summary>A call just failed for a reason that lies with the provider.</summary>
    public void Failed(string reason) => Note(new(Ok: false, $"The last call failed: {reason}"));

    private void Note(ProviderHealth health)
    {
        lock (_lock)
        {
            (_last, _at) = (health, time.GetTimestamp());
        }
    }
}
