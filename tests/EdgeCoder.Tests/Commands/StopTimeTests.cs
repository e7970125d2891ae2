using EdgeCoder.Commands;

namespace EdgeCoder.Tests.Commands;

public sealed class StopTimeTests
{
    [Theory]
    [InlineData(null, 2)]
    [InlineData("", 2)]
    [InlineData("1", 1)]
    [InlineData("600", 600)]
    public void It_is_two_seconds_or_what_is_asked_for(string? value, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), StopTime.Of(name => name == StopTime.Variable ? value : null));

    [Theory]
    [InlineData("0")]
    [InlineData("601")]
    [InlineData("-1")]
    [InlineData("2.5")]
    [InlineData("soon")]
    public void A_value_that_is_none_is_refused_by_name(string value) =>
        Assert.Contains(StopTime.Variable, Assert.Throws<UsageException>(() => StopTime.Of(_ => value)).Message, StringComparison.Ordinal);
}
