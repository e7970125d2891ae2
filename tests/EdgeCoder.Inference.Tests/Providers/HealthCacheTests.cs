using EdgeCoder.Inference.Providers;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Inference.Tests.Providers;

public sealed class HealthCacheTests
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;
    private readonly FakeTimeProvider _time = new();
    private readonly HealthCache _health;
    private int _probes;

    public HealthCacheTests() => _health = new(_time, _ => Task.FromResult(new ProviderHealth(Ok: true, $"probe {++_probes}")));

    [Fact]
    public async Task Answer_is_kept_for_five_seconds_and_then_asked_again()
    {
        await _health.CheckAsync(Token);
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal("probe 1", (await _health.CheckAsync(Token)).Reason);

        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal("probe 2", (await _health.CheckAsync(Token)).Reason);
    }

    [Fact]
    public async Task Failed_call_counts_at_once()
    {
        await _health.CheckAsync(Token);
        _health.Failed("out of memory");

        var health = await _health.CheckAsync(Token);

        Assert.False(health.Ok);
        Assert.Contains("out of memory", health.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probe_that_fails_is_an_answer_with_its_reason()
    {
        var down = new HealthCache(_time, _ => throw new ModelException("model_unavailable", "nobody there"));

        Assert.Equal(new ProviderHealth(Ok: false, "nobody there"), await down.CheckAsync(Token));
    }
}
