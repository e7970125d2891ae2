using EdgeCoder.Portal.Accounts;
using EdgeCoder.Portal.Roles;

namespace EdgeCoder.Portal.Tests.Accounts;

/// <summary>The rules without a server.</summary>
public sealed class RuleTests
{
    [Theory]
    [InlineData("short", "length_8_to_256")]
    [InlineData("password", "too_common")]
    [InlineData("Password1!", "too_common")]
    [InlineData("aaaaaaaaaaaa", "too_common")]
    [InlineData("abcdefghij", "too_common")]
    [InlineData("9876543210", "too_common")]
    [InlineData("josephine1", "too_common")]
    [InlineData("brave otter harbour", null)]
    [InlineData("ünïcödé words fit", null)]
    public void Passwords_that_everybody_tries_are_refused(string password, string? code) => Assert.Equal(code, PasswordRules.Refuse(password, "josephine@example.org"));

    [Fact]
    public void A_password_has_at_most_256_characters() => Assert.Equal((null, "length_8_to_256"), (PasswordRules.Refuse(Many(256), "a@example.org"), PasswordRules.Refuse(Many(257), "a@example.org")));

    [Theory]
    [InlineData(" Ann@Example.ORG ", "ann@example.org")]
    [InlineData("a@b", null)]
    [InlineData("a@b.c\nBcc: x@y.z", null)]
    [InlineData("Ann <ann@example.org>", null)]
    [InlineData("ann@example.org,bob@example.org", null)]
    [InlineData("<script>@example.org", null)]
    [InlineData("", null)]
    public void Addresses_are_normalised_or_refused(string text, string? address) => Assert.Equal(address, EmailAddress.Normalise(text));

    [Fact]
    public void Locks_double_up_to_an_hour()
    {
        var (failed, locks, until) = (0L, 0L, 0L);
        var lengths = new List<long>();
        for (var n = 0; n < 35; n++)
        {
            (failed, locks, until) = LockRules.AfterWrong(failed, locks, 0);
            if (until > 0)
            {
                lengths.Add(until / 60_000);
            }
        }

        Assert.Equal([5, 10, 20, 40, 60, 60, 60], lengths);
    }

    [Fact]
    public void Without_a_confirmed_address_there_is_no_right()
    {
        var configured = new ConfiguredRoles(new HashSet<string> { "ann@example.org" }, new HashSet<string>(), new HashSet<string>());
        Assert.False(PersonRoles.Of("ann@example.org", false, [new(RoleNames.SystemAdmin, "")], configured).IsSystemAdmin);
        Assert.True(PersonRoles.Of("ann@example.org", true, [], configured).IsSystemAdmin);
        Assert.False(PersonRoles.Of("new@example.org", true, [], configured).IsSystemAdmin);
    }

    [Fact]
    public void Who_may_only_look_changes_nothing()
    {
        var configured = new ConfiguredRoles(new HashSet<string>(), new HashSet<string>(), new HashSet<string> { "ann@example.org" });
        var roles = PersonRoles.Of("ann@example.org", true, [], configured);
        Assert.Equal((true, false), (roles.IsCoordinatorOwner, roles.IsCoordinatorAdmin));
    }

    private static string Many(int count) => string.Concat(Enumerable.Range(0, count).Select(n => (char)('a' + (n * 7 % 26))));
}
