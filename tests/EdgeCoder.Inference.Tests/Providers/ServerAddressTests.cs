using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Tests.Providers;

public sealed class ServerAddressTests
{
    [Theory]
    [InlineData("127.0.0.1", "http://127.0.0.1:11434/")]
    [InlineData("127.0.0.1:8080", "http://127.0.0.1:8080/")]
    [InlineData("localhost", "http://127.0.0.1:11434/")]
    [InlineData("http://localhost:11434", "http://127.0.0.1:11434/")]
    [InlineData("0.0.0.0", "http://127.0.0.1:11434/")]
    [InlineData("[::1]", "http://[::1]:11434/")]
    [InlineData("[::1]:99", "http://[::1]:99/")]
    [InlineData("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1/")]
    [InlineData("http://127.0.0.1", "http://127.0.0.1/")]
    public void Loopback_is_always_a_literal(string text, string expected)
    {
        Assert.True(ServerAddress.TryParse(text, OllamaSettings.DefaultPort, out var address, out _));

        Assert.Equal(expected, address.Uri.ToString());
        Assert.True(address.IsLoopback);
    }

    [Theory]
    [InlineData("https://models.example/v1")]
    [InlineData("https://localhost.evil.example/")]
    [InlineData("https://127.0.0.1.evil.example/")]
    public void Other_hosts_are_not_loopback(string text)
    {
        Assert.True(ServerAddress.TryParse(text, null, out var address, out _));

        Assert.False(address.IsLoopback);
    }

    [Theory]
    [InlineData("http://192.168.1.5:11434")]
    [InlineData("http://user:secret@127.0.0.1/")]
    [InlineData("http://127.0.0.1/?a=b")]
    [InlineData("http://127.0.0.1/#x")]
    [InlineData("ftp://127.0.0.1/")]
    [InlineData("")]
    [InlineData("http://")]
    public void Anything_else_is_refused(string text) => Assert.False(ServerAddress.TryParse(text, null, out _, out _));
}
