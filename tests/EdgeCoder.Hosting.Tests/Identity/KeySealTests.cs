using System.Text;
using System.Text.Json;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Hosting.Tests.Identity;

/// <summary>Keys under a passphrase (economy-and-ledger 16.1, 21.3).</summary>
public sealed class KeySealTests
{
    private const string Passphrase = "a-passphrase-of-the-tests-0123456789";

    [Fact]
    public void The_vector_of_the_specification_is_what_is_written()
    {
        var made = new KeySeal("passphrase").Seal("""{"v":1}"""u8, string.Concat(Enumerable.Repeat("07", 32)), [.. Enumerable.Repeat((byte)3, 12)]);
        var file = JsonDocument.Parse(made).RootElement;
        Assert.Equal(("fb0864e4cef849", "b8bfd3af776949a5bc2d9a18e73e609c"), (Convert.ToHexStringLower(file.GetProperty("ciphertext").GetBytesFromBase64()), file.GetProperty("tag").GetString()));
        Assert.Equal(["ciphertext", "nonce", "salt", "tag"], file.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.True(KeySeal.TryRead(made, out var read));
        Assert.Equal("""{"v":1}""", Encoding.UTF8.GetString(new KeySeal("passphrase").Open(read)));
    }

    [Fact]
    public void A_folder_with_a_passphrase_has_no_key_in_the_open_and_reads_it_again()
    {
        using var directory = new TemporaryDirectory();
        var path = directory["keys/coordinator.key"];
        using var made = new KeyFolder(directory.Path, new(Passphrase)).SigningKey("coordinator", "coord-a");
        var text = File.ReadAllText(path);
        Assert.DoesNotContain("PRIVATE", text, StringComparison.Ordinal);
        Assert.DoesNotContain("coord-a", text, StringComparison.Ordinal);
        using var again = new KeyFolder(directory.Path, new(Passphrase)).SigningKey("coordinator", "coord-a");
        Assert.Equal(made.PublicKey, again.PublicKey);
        Assert.Equal("coord-a", new KeyFolder(directory.Path, new(Passphrase)).OwnerOf("coordinator"));

        // Written again under another nonce.
        using var identity = CoordinatorIdentity.Load(new KeyFolder(directory.Path, new(Passphrase)), "https://a.test", "coord-a");
        using var next = identity.Prepare();
        Assert.NotEqual(text, File.ReadAllText(path));
        Assert.DoesNotContain("PRIVATE", File.ReadAllText(path), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }

    [Fact]
    public void Another_passphrase_none_and_a_changed_file_are_refused_with_what_to_do_and_nothing_is_made()
    {
        using var directory = new TemporaryDirectory();
        var path = directory["keys/coordinator.key"];
        new KeyFolder(directory.Path, new(Passphrase)).SigningKey("coordinator", "coord-a").Dispose();
        var before = File.ReadAllBytes(path);
        Assert.Contains("KEY_STORE_PASSPHRASE", Refused(null), StringComparison.Ordinal);
        Assert.Contains("KEY_STORE_PASSPHRASE", Refused(new("another-passphrase-of-the-tests-01234")), StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(path));

        File.WriteAllText(path, Encoding.UTF8.GetString(before).Replace("\"tag\":\"", "\"tag\":\"0", StringComparison.Ordinal));
        Assert.NotEmpty(Refused(new(Passphrase)));

        string Refused(KeySeal? seal) => Assert.Throws<KeyRefusedException>(() => new KeyFolder(directory.Path, seal).SigningKey("coordinator", "coord-a")).Message;
    }

    [Fact]
    public void A_key_that_lay_open_is_sealed_at_the_first_start_with_a_passphrase()
    {
        using var directory = new TemporaryDirectory();
        using var open = new KeyFolder(directory.Path).SigningKey("coordinator", "coord-a");
        using var identity = CoordinatorIdentity.Load(new KeyFolder(directory.Path, new(Passphrase)), "https://a.test", "coord-a");
        Assert.Equal(open.PublicKey, identity.Key.PublicKey);
        Assert.DoesNotContain("PRIVATE", File.ReadAllText(directory["keys/coordinator.key"]), StringComparison.Ordinal);
    }
}
