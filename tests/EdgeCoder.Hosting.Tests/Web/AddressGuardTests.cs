using EdgeCoder.Hosting.Web;

namespace EdgeCoder.Hosting.Tests.Web;

public sealed class AddressGuardTests
{
    private static readonly AddressGuard Guard = new("coord.example", AddressGuard.ShellOrigins);

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("127.8.8.8")]
    [InlineData("COORD.example")]
    public void Our_own_names_are_known(string host) => Assert.Null(Guard.Refuse(host, null));

    [Theory]
    [InlineData("evil.test")]
    [InlineData("localhost.evil.test")]
    [InlineData("127.0.0.1.evil.test")]
    [InlineData("192.168.0.2")]
    [InlineData("")]
    public void A_name_that_was_pointed_at_us_is_refused(string host) => Assert.Equal("host_forbidden", Guard.Refuse(host, null)?.Error);

    [Theory]
    [InlineData("https://evil.test")]
    [InlineData("null")]
    [InlineData("http://localhost:4301")]
    public void A_page_may_not_call(string origin) => Assert.Equal("origin_forbidden", Guard.Refuse("localhost", origin)?.Error);

    [Fact]
    public void Our_own_shell_may_call() => Assert.Null(Guard.Refuse("localhost", "tauri://localhost"));
}
