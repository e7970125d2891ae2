using System.Text.Json;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Inference.Tests.Llama;

/// <summary>The lock files that decide which native code runs in the worker.</summary>
public sealed class NativeLockTests
{
    public static TheoryData<string> Platforms => [.. Directory.EnumerateDirectories(NativeDirectory).Select(directory => Path.GetFileName(directory)!)];

    private static string NativeDirectory => Path.Combine(Repository.Root, "eng", "native");

    [Fact]
    public void Every_platform_that_the_target_knows_has_a_lock() =>
        Assert.Equal(["linux-arm64", "linux-x64", "mac-arm64-metal", "mac-x64", "win-arm64", "win-x64"], Platforms.Select(row => row.Data).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Platforms))]
    public void Lock_pins_one_package_by_sha512_and_names_no_address(string platform)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(NativeDirectory, platform, "package-lock.json")));
        var packages = json.RootElement.GetProperty("packages").EnumerateObject().Where(package => package.Name.Length > 0).ToList();
        var package = Assert.Single(packages);
        Assert.Equal("node_modules/@node-llama-cpp/" + platform, package.Name);
        Assert.StartsWith("sha512-", package.Value.GetProperty("integrity").GetString(), StringComparison.Ordinal);
        Assert.False(package.Value.TryGetProperty("resolved", out _));
        Assert.False(package.Value.TryGetProperty("hasInstallScript", out _));
    }

    [Fact]
    public void Notice_carries_both_licences()
    {
        var notice = File.ReadAllText(Path.Combine(Repository.Root, "NOTICE"));
        Assert.Contains("The ggml authors", notice, StringComparison.Ordinal);
        Assert.Contains("Gilad S.", notice, StringComparison.Ordinal);
    }
}
