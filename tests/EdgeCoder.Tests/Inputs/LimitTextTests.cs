using EdgeCoder.Commands;
using EdgeCoder.Inputs;

namespace EdgeCoder.Tests.Inputs;

public sealed class LimitTextTests
{
    [Theory]
    [InlineData("4s", 4000)]
    [InlineData("4", 4000)]
    [InlineData(" 250 ms ", 250)]
    [InlineData("1.5S", 1500)]
    [InlineData("2m", 120_000)]
    [InlineData("-1s", -1000)]
    [InlineData("0", 0)]
    public void A_time_is_read_with_its_unit(string text, double milliseconds) => Assert.Equal(milliseconds, LimitText.Time(text, "--time")!.Value.TotalMilliseconds);

    [Theory]
    [InlineData("256MiB", 256L << 20)]
    [InlineData("64kib", 64L << 10)]
    [InlineData("1.5GiB", 3L << 29)]
    [InlineData("100000000000", 100_000_000_000)]
    [InlineData("2B", 2)]
    public void A_size_is_read_with_its_unit(string text, long bytes) => Assert.Equal(bytes, LimitText.Size(text, "--memory"));

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("4x")]
    [InlineData("4 s s")]
    [InlineData("1e9")]
    [InlineData("NaN")]
    [InlineData("1,000")]
    [InlineData("MiB")]
    [InlineData("4MB")]
    public void What_is_no_limit_is_refused_by_option_and_unit(string text)
    {
        var fault = Assert.Throws<UsageException>(() => LimitText.Size(text, "--memory"));
        Assert.Equal("invalid_limit", fault.Code);
        Assert.Contains("--memory", fault.Message, StringComparison.Ordinal);
        Assert.Contains("MiB", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_absurd_number_stays_absurd()
    {
        Assert.True(LimitText.Size("99999999999999999999999999GiB", "--memory") > 1L << 60);
        Assert.True(LimitText.Time("99999999999999999999999999m", "--time") > TimeSpan.FromDays(10_000));
        Assert.Equal("invalid_limit", Assert.Throws<UsageException>(() => LimitText.Size(new string('9', 400), "--memory")).Code);
    }

    [Fact]
    public void Nothing_asked_is_nothing_set() => Assert.Null(LimitText.Time(null, "--time"));
}
