using EdgeCoder.Hosting.Settings;

namespace EdgeCoder.Hosting.Tests.Settings;

public sealed class SettingsReaderTests
{
    private const string Good = "0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("abc")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("99999999999999999999")]
    [InlineData("NaN")]
    [InlineData("0x10")]
    [InlineData("1e3")]
    [InlineData("101")]
    public void A_number_that_is_none_is_a_fault_with_its_name(string text)
    {
        var reader = Of(("LIMIT", text));
        Assert.Equal(7, reader.Number("LIMIT", 7, 0, 100));
        Assert.Contains("LIMIT", Assert.Single(reader.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_faults_are_told_in_one_message()
    {
        var reader = Of(("A", "x"), ("B", "maybe"));
        reader.Number("A", 1, 0, 9);
        reader.Flag("B", false);
        var told = Assert.Throws<SettingsException>(reader.ThrowIfFaulty);
        Assert.Contains("A must", told.Message, StringComparison.Ordinal);
        Assert.Contains("B must", told.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("changeme-changeme-changeme-changeme")]
    [InlineData("<your token of thirty-two letters or more>")]
    [InlineData("your-token-your-token-your-token-your-token")]
    public void A_weak_secret_is_a_fault_that_does_not_repeat_it(string value)
    {
        var reader = Of(("TOKEN", value));
        Assert.Null(reader.Secret("TOKEN"));
        Assert.DoesNotContain(value, Assert.Single(reader.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_comes_from_a_file_too()
    {
        var reader = new SettingsReader(name => name == "TOKEN_FILE" ? "there" : null, _ => Good + "\n");
        Assert.Equal(Good, reader.Secret("TOKEN"));
        Assert.Empty(reader.Faults);
    }

    [Fact]
    public void A_secret_in_both_places_is_a_fault()
    {
        var reader = new SettingsReader(name => name is "TOKEN_FILE" or "TOKEN" ? Good : null, _ => Good);
        Assert.Null(reader.Secret("TOKEN"));
        Assert.Single(reader.Faults);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    public void An_empty_value_is_none(string value)
    {
        var reader = Of(("TOKEN", value));
        Assert.Null(reader.Secret("TOKEN"));
        Assert.Null(reader.Text("TOKEN"));
        Assert.Empty(reader.Faults);
    }

    [Theory]
    [InlineData("http://elsewhere.test")]
    [InlineData("https://me:pw@host.test")]
    [InlineData("https://host.test/?a=1")]
    [InlineData("ftp://host.test")]
    [InlineData("host.test")]
    public void An_address_that_could_leak_is_a_fault(string value)
    {
        var reader = Of(("WHERE", value));
        Assert.Null(reader.Url("WHERE"));
        Assert.Single(reader.Faults);
    }

    [Theory]
    [InlineData("http://127.0.0.1:4301")]
    [InlineData("http://[::1]:4301/")]
    [InlineData("https://host.test")]
    public void An_address_on_this_machine_may_be_plain(string value)
    {
        var reader = Of(("WHERE", value));
        Assert.NotNull(reader.Url("WHERE"));
        Assert.Empty(reader.Faults);
    }

    private static SettingsReader Of(params (string Name, string Value)[] values)
    {
        var known = values.ToDictionary(pair => pair.Name, pair => pair.Value);
        return new(known.GetValueOrDefault);
    }
}
