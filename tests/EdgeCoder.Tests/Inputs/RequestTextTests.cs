using System.Text;
using EdgeCoder.Commands;
using EdgeCoder.Inputs;

namespace EdgeCoder.Tests.Inputs;

public sealed class RequestTextTests
{
    [Theory]
    [InlineData("")]
    [InlineData("  \n\t")]
    public async Task An_empty_request_is_refused_with_an_example(string text)
    {
        var fault = await Assert.ThrowsAsync<UsageException>(() => ReadAsync(text, ""));
        Assert.Equal("empty_request", fault.Code);
        Assert.Contains("edgecoder run", fault.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dash_reads_standard_input() => Assert.Equal("grüße the world", await ReadAsync("-", "grüße the world"));

    [Fact]
    public async Task Empty_standard_input_is_an_empty_request() =>
        Assert.Equal("empty_request", (await Assert.ThrowsAsync<UsageException>(() => ReadAsync("-", ""))).Code);

    [Fact]
    public async Task A_megabyte_is_refused_before_it_is_all_read()
    {
        using var input = new MemoryStream(Encoding.UTF8.GetBytes(new string('a', 1024 * 1024)));
        var fault = await Assert.ThrowsAsync<UsageException>(() => RequestText.ReadAsync("-", input, TestContext.Current.CancellationToken));
        Assert.Equal("request_too_large", fault.Code);
        Assert.True(input.Position <= RequestText.MaxBytes + 1);
    }

    [Fact]
    public async Task The_largest_request_is_taken()
    {
        var text = new string('a', RequestText.MaxBytes);
        Assert.Equal(text, await ReadAsync("-", text));
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_refused()
    {
        using var input = new MemoryStream([0x66, 0xff, 0xfe]);
        Assert.Equal("invalid_request", (await Assert.ThrowsAsync<UsageException>(() => RequestText.ReadAsync("-", input, TestContext.Current.CancellationToken))).Code);
    }

    private static async Task<string> ReadAsync(string argument, string input)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(input));
        return await RequestText.ReadAsync(argument, stream, TestContext.Current.CancellationToken);
    }
}
