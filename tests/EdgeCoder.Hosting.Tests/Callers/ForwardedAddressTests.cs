using System.Net;
using CsCheck;
using EdgeCoder.Hosting.Callers;

namespace EdgeCoder.Hosting.Tests.Callers;

public sealed class ForwardedAddressTests
{
    private static readonly IReadOnlyList<IPNetwork> Trusted = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("127.0.0.1/32")];

    [Theory]
    [InlineData("10.0.0.1", "", "", "10.0.0.1")]
    [InlineData("10.0.0.1", "fly-client-ip", "203.0.113.7", "203.0.113.7")]
    [InlineData("::ffff:10.0.0.1", "true-client-ip", " 203.0.113.7 ", "203.0.113.7")]
    [InlineData("127.0.0.1", "x-forwarded-for", "1.1.1.1, 203.0.113.7, 10.2.3.4", "203.0.113.7")]
    [InlineData("10.0.0.1", "x-forwarded-for", "10.9.9.9", "10.9.9.9")]
    [InlineData("10.0.0.1", "x-forwarded-for", "203.0.113.7, nonsense", "10.0.0.1")]
    [InlineData("10.0.0.1", "x-real-ip", "nonsense", "10.0.0.1")]
    [InlineData("203.0.113.1", "fly-client-ip", "127.0.0.1", "203.0.113.1")]
    [InlineData("203.0.113.1", "x-forwarded-for", "127.0.0.1", "203.0.113.1")]
    public void Headers_count_only_from_a_trusted_proxy(string socket, string header, string value, string expected) =>
        Assert.Equal(IPAddress.Parse(expected), ForwardedAddress.Of(IPAddress.Parse(socket), name => name == header ? value : null, Trusted));

    [Fact]
    public void First_of_the_client_headers_wins() =>
        Assert.Equal(IPAddress.Parse("203.0.113.2"), ForwardedAddress.Of(IPAddress.Parse("10.0.0.1"), name => name switch
        {
            "cf-connecting-ip" => "203.0.113.2",
            "x-real-ip" => "203.0.113.3",
            "x-forwarded-for" => "203.0.113.4",
            _ => "",
        }, Trusted));

    // I2.
    [Fact]
    public void No_header_of_a_stranger_changes_its_address() =>
        Gen.String.Sample(text => ForwardedAddress.Of(IPAddress.Parse("203.0.113.1"), _ => text, Trusted).Equals(IPAddress.Parse("203.0.113.1")));
}
