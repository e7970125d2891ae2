using System.Text.Json;
using CsCheck;
using EdgeCoder.Agent.Redaction;

namespace EdgeCoder.Agent.Tests.Redaction;

/// <summary>Agent-executor-models 7.3 and its row C4. Every secret here was made up for the test.</summary>
public sealed class RedactorTests
{
    private static readonly Redactor Redactor = new(["build7.corp.example"], "mreyes");

    // Put together at run time, so that no scanner of repositories takes the tests for a leak.
    private static readonly string Random40 = "wJalr" + "XUtnFEMIK7MDENGbPxRfiCYzQ9vTq4sL2aB";

    public static TheoryData<string, string, RedactionKind> Secrets => new()
    {
        { "key AKIA" + "IOSFODNN7EXAMPLE in text", "IOSFODNN7", RedactionKind.CloudKey },
        { "ASIA" + "Q3EGRZ7YKD2M5XWA", "Q3EGRZ7", RedactionKind.CloudKey },
        { "k=AIza" + "SyA1234567890abcdefghijklmnopqrstuvwx", "SyA123", RedactionKind.CloudKey },
        { "DefaultEndpointsProtocol=https;AccountKey=abc/def+12==;EndpointSuffix=core", "abc/def", RedactionKind.CloudKey },
        { "Endpoint=sb://x/;SharedAccessKey=q1w2e3r4", "q1w2e3", RedactionKind.CloudKey },
        { "https://s.blob.example/c?sv=2020&sig=aB%2Fc9", "aB%2Fc9", RedactionKind.CloudKey },
        { "sk-" + "proj-abcdefghij1234567890", "abcdefghij", RedactionKind.CloudKey },
        { "sk_" + "live_abcdEFGH1234", "abcdEFGH", RedactionKind.CloudKey },
        { "rk_" + "live_abcdEFGH1234", "abcdEFGH", RedactionKind.CloudKey },
        { "hf_" + "abcdefghijklmnopqrstuv", "abcdefgh", RedactionKind.CloudKey },
        { "Authorization: Bearer abc.def-ghi", "abc.def", RedactionKind.Bearer },
        { "{\"Authorization\":\"Basic dXNlcjpwYXNz\"}", "dXNlcjpwYXNz", RedactionKind.Bearer },
        { "-H 'authorization: token 0123abcd'", "0123abcd", RedactionKind.Bearer },
        { "eyJ" + "hbGciOi.eyJzdWIiOiIx.c2ln", "hbGciOi", RedactionKind.Bearer },
        { "Set-Cookie: sid=31d4d96e; Path=/", "31d4d96e", RedactionKind.Bearer },
        { "{\"Cookie\": \"sid=31d4d96e\"}", "31d4d96e", RedactionKind.Bearer },
        { "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a", "16C7e42F", RedactionKind.Token },
        { "github_pat_" + "11ABCDEFG0abcdefghij_x", "11ABCDEFG0", RedactionKind.Token },
        { "glpat-" + "abcdefghij1234567890", "abcdefghij", RedactionKind.Token },
        { "xoxb-" + "1234567890-abcdefg", "1234567890", RedactionKind.Token },
        { "https://hooks.slack.com/services/T00/B00/XXXX", "T00/B00", RedactionKind.Token },
        { "//registry.example/:x=npm_" + "abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghijk", RedactionKind.Token },
        { "pypi-" + "AgEIcHlwaS5vcmcCJDU", "AgEIcHlwaS5", RedactionKind.Token },
        { "password = hunter2", "hunter2", RedactionKind.Assignment },
        { "DB_PASSWORD=hunter2\nNEXT=1", "hunter2", RedactionKind.Assignment },
        { "passwd: 'hunter2'", "hunter2", RedactionKind.Assignment },
        { "\"client_secret\": \"hun ter2\"", "hun ter2", RedactionKind.Assignment },
        { "{\\\"apiKey\\\":\\\"hunter2\\\"}", "hunter2", RedactionKind.Assignment },
        { "{\\\\\\\"api_key\\\\\\\":\\\\\\\"hunter2\\\\\\\"}", "hunter2", RedactionKind.Assignment },
        { "{\\u0022password\\u0022:\\u0022hunter2\\u0022}", "hunter2", RedactionKind.Assignment },
        { "<password>hunter2</password>", "hunter2", RedactionKind.Assignment },
        { "'my-api-key' => 'hunter2',", "hunter2", RedactionKind.Assignment },
        { "secretValue := `hunter2`", "hunter2", RedactionKind.Assignment },
        { "mysql --password hunter2 -u x", "hunter2", RedactionKind.Assignment },
        { "mysql --password=hunter2 -u x", "hunter2", RedactionKind.Assignment },
        { "https://x.example/?a=1&access_token=hunter2&b=2", "hunter2", RedactionKind.Assignment },
        { "redirect=https%3A%2F%2Fx%3Ftoken%3Dhunter2%26b", "hunter2", RedactionKind.Assignment },
        { "+    token: \"hunter2\"", "hunter2", RedactionKind.Assignment },
        { "password: |\n  hunter2\n  more\nnext: 1", "hunter2", RedactionKind.Assignment },
        { "config[\"password\"] = \"hunter2\"", "hunter2", RedactionKind.Assignment },
        { "postgres://app:hunter2@db/x", "hunter2", RedactionKind.Assignment },
        { "x = '" + Random40 + "'", Random40, RedactionKind.HighEntropy },
        { "x: 0f3a9c5e7b1d2846" + "a0c4e8f1b5d97362", "0f3a9c5e", RedactionKind.HighEntropy },
        { "mail maria.reyes@corp.example now", "maria.reyes", RedactionKind.Personal },
        { "File \"/home" + "/mreyes/src/x.py\"", "mreyes", RedactionKind.Personal },
        { @"C:\Users\mreyes\x", "mreyes", RedactionKind.Personal },
        { "/srv/mreyes/x", "mreyes", RedactionKind.Personal },
        { "connect to build7.corp.example:22", "build7.corp.example", RedactionKind.Personal },
    };

    [Theory]
    [MemberData(nameof(Secrets))]
    public void Secret_is_taken_out_and_counted_by_kind(string text, string secret, RedactionKind kind)
    {
        var redacted = Redactor.Redact(text);

        Assert.DoesNotContain(secret, redacted.Text, StringComparison.Ordinal);
        Assert.Contains(RedactedText.Mark, redacted.Text, StringComparison.Ordinal);
        Assert.True(redacted.Counts.GetValueOrDefault(kind) >= 1, $"{kind} expected in {string.Join(", ", redacted.Counts)}");
    }

    [Theory]
    [MemberData(nameof(Secrets))]
    public void Secret_is_taken_out_of_a_diff_and_of_json_in_json(string text, string secret, RedactionKind kind)
    {
        _ = kind;
        var inDiff = "@@ -1 +1 @@\n" + string.Join('\n', text.Split('\n').Select(line => "+" + line));
        Assert.DoesNotContain(secret, Redactor.Redact(inDiff).Text, StringComparison.Ordinal);

        var once = JsonSerializer.Serialize(text);
        Assert.DoesNotContain(secret, Redactor.Redact(once).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, Redactor.Redact(JsonSerializer.Serialize(once)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("id 123e4567-e89b-12d3-a456-426614174000 of the session")]
    [InlineData("commit 9fceb02d0ae598e95dc970b74767f19372d61af8")]
    [InlineData("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("index 9fceb02d0ae598e95dc970b74767f19372d61af8..e69de29bb2d1d6434b8b29ae775ad8c2e48c5391 100644")]
    [InlineData("src/EdgeCoder.Agent/RepositoryMaps/SymbolIndex2Tests.cs")]
    [InlineData("def test_parse_date_accepts_iso_week_dates_of_2024(self):")]
    [InlineData("token = lexer.next()")]
    [InlineData("def login(password: str, token: None = None):")]
    [InlineData("tokenise the password prompt")]
    public void Ordinary_text_stays(string text) => Assert.Equal(text, Redactor.Redact(text).Text);

    private static readonly string Body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\nVJTUt9Us8cKjMzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDu";

    public static TheoryData<string> Keys => new()
    {
        $"a\n-----BEGIN PRIVATE KEY-----\n{Body}\n-----END PRIVATE KEY-----\nb",
        $"a\n-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n{Body}\n-----END RSA PRIVATE KEY-----\nb",
        $"a\n-----BEGIN OPENSSH PRIVATE KEY-----\n{Body}\nthe text was cut here",
        $"a \"-----BEGIN PRIVATE KEY-----\\n{Body.Replace("\n", "\\n", StringComparison.Ordinal)}\\n-----END PRIVATE KEY-----\\n\" b",
        $"a \"-----BEGIN PRIVATE KEY-----\\n{Body.Replace("\n", "\\n", StringComparison.Ordinal)}\" b",
        $"{Body}\n-----END PGP PRIVATE KEY BLOCK-----\nb",
        $"@@\n+-----BEGIN EC PRIVATE KEY-----\n+{Body.Replace("\n", "\n+", StringComparison.Ordinal)}\n+-----END EC PRIVATE KEY-----\n b",
        $"1\t-----BEGIN EC PRIVATE KEY-----\n2\t{Body.Replace("\n", "\n3\t", StringComparison.Ordinal)}\n",
    };

    [Theory]
    [MemberData(nameof(Keys))]
    public void Private_key_goes_whole_also_when_it_was_cut(string text)
    {
        var redacted = Redactor.Redact(text);

        Assert.DoesNotContain("MIIEvQ", redacted.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("VJTUt9", redacted.Text, StringComparison.Ordinal);
        Assert.Equal(1, redacted.Counts[RedactionKind.PrivateKey]);
    }

    [Fact]
    public void What_stands_around_a_key_stays()
    {
        var redacted = Redactor.Redact($"before\n-----BEGIN PRIVATE KEY-----\n{Body}\n-----END PRIVATE KEY-----\nafter that");
        Assert.Equal("before\n[REDACTED]\nafter that", redacted.Text);
    }

    [Fact]
    public void Redacting_twice_changes_nothing_more() =>
        Gen.Select(Gen.Int[0, Secrets.Count - 1].Select(i => Secrets.ElementAt(i).Data.Item1), Gen.String[Gen.Char.AlphaNumeric, 0, 30], Gen.Int[0, 3].Select(i => new[] { " ", "\n", "\"", ", " }[i]))
            .Array[1, 6]
            .Sample(parts =>
            {
                var text = string.Concat(parts.Select(part => part.Item2 + part.Item3 + part.Item1 + part.Item3));
                var once = Redactor.Redact(text).Text;
                return Redactor.Redact(once).Text == once;
            });

    [Fact]
    public void Random_base64_of_any_length_from_thirty_two_is_taken_out() =>
        Gen.String[Gen.Char["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"], 32, 80]
            .Where(text => text.Distinct().Count() >= 22 && text.Any(char.IsAsciiDigit) && text.Any(char.IsAsciiLetter))
            .Sample(text => !Redactor.Redact($"v {text} w").Text.Contains(text, StringComparison.Ordinal));

    public static TheoryData<string> Adversarial => new()
    {
        new string('a', 1 << 18),
        string.Concat(Enumerable.Repeat("password", 1 << 15)),
        string.Concat(Enumerable.Repeat("token=\"", 1 << 15)),
        string.Concat(Enumerable.Repeat("-----BEGIN PRIVATE KEY-----", 1 << 13)),
        string.Concat(Enumerable.Repeat("-----END PRIVATE KEY-----\n", 1 << 13)),
        string.Concat(Enumerable.Repeat("a@", 1 << 17)),
        new string('\\', 1 << 18),
        string.Concat(Enumerable.Repeat("password: |\n ", 1 << 14)),
    };

    /// <summary>It would run for many minutes if a step were quadratic with a large factor; the project's own time limit then ends it.</summary>
    [Theory]
    [MemberData(nameof(Adversarial))]
    public void A_quarter_of_a_mebibyte_of_bait_is_searched_to_its_end(string text)
    {
        var redacted = Redactor.Redact(text + "\npassword=hunter2\n");
        Assert.DoesNotContain("hunter2", redacted.Text, StringComparison.Ordinal);
    }
}
