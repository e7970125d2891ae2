using EdgeCoder.Executor.Commands.View;
using EdgeCoder.TestKit.Files;
using Xunit;

namespace EdgeCoder.Executor.Tests.Commands;

/// <summary>What of a home directory commands see: tool chains and caches, and nobody's credentials (agent-executor-models 2.2).</summary>
public sealed class ToolChainsTests : IDisposable
{
    private static readonly string[] Secrets =
    [
        ".ssh/id_ed25519", ".npmrc", ".netrc", ".gitconfig", ".bash_history", ".aws/credentials", ".cargo/credentials.toml", ".cargo/config.toml", ".nuget/NuGet/NuGet.Config", ".m2/settings.xml",
        ".gradle/gradle.properties", ".gem/credentials", ".dotnet/corefx/cryptography/x509stores/my/a.pfx", ".config/gcloud/a", ".docker/config.json", ".local/share/keyrings/a", ".sdkman/etc/config",
        ".local/state/a", "work/project/.env", "Documents/letter",
    ];

    private readonly TemporaryDirectory home = new();

    public ToolChainsTests() => Array.ForEach(Secrets, path => home.Write(path, "secret"));

    public void Dispose() => home.Dispose();

    [Fact]
    public void Credentials_beside_tool_chains_are_not_seen()
    {
        string[] there =
        [
            ".pyenv/shims/python3", ".cargo/bin/cargo", ".cargo/registry/src/a", ".rustup/toolchains/stable/bin/rustc", ".nuget/packages/xunit/a", ".m2/repository/a", ".gradle/caches/modules-2/a", ".nvm/versions/node/v22/bin/node",
            "go/pkg/mod/a", "go/bin/tool", ".dotnet/dotnet", ".gem/ruby/a", ".local/lib/python3.11/a", ".local/bin/black", "bin/own", ".sdkman/candidates/java/current/bin/java", "work/project/node_modules/.bin/jest",
        ];
        Array.ForEach(there, path => home.Write(path, ""));
        string[] listed = [".pyenv/shims", ".cargo/bin", ".nvm/versions/node/v22/bin", "go/bin", ".dotnet", ".local/bin", "bin", ".sdkman/candidates/java/current/bin", "work/project/node_modules/.bin", "", ".."];
        var found = Find([.. listed.Select(path => Path.Combine(home.Path, path)), "/", "/usr/bin", "relative", "/opt", "/no/such/place"]);
        Assert.All(there, path => Assert.True(IsSeen(found, path), path));
        Assert.All(Secrets, path => Assert.False(IsSeen(found, path), path));
        Assert.DoesNotContain(found.SearchPath, path => path == home.Path || path == "/" || path == Path.GetDirectoryName(home.Path));
    }

    [Fact]
    public void Variables_cannot_name_a_home_directory_or_a_root()
    {
        var found = ToolChains.Find("", home.Path, name => name switch { "JAVA_HOME" => home.Path, "GOROOT" => "/", "DOTNET_ROOT" => Path.GetDirectoryName(home.Path), _ => null });
        Assert.All(Secrets, path => Assert.False(IsSeen(found, path), path));
        Assert.DoesNotContain(found.Places, place => place.Path == "/");
        Assert.Empty(found.Variables);
    }

    [Fact]
    public void Variables_that_name_what_is_seen_are_passed_on_and_no_others()
    {
        var found = ToolChains.Find("", home.Path, name => name switch { "RUSTUP_HOME" => "/usr/local/rustup", "JAVA_HOME" => "relative", "GOROOT" => "/no/such/place", _ => "/usr/secret" });
        Assert.Equal(["CONDA_PREFIX", "DOTNET_ROOT", "PYENV_ROOT", "RUSTUP_HOME", "VIRTUAL_ENV"], found.Variables.Keys.Order());
        Assert.Equal("/usr/local/rustup", found.Variables["RUSTUP_HOME"]);
    }

    [Fact]
    public void Installation_behind_a_link_is_seen()
    {
        var real = home.Write("tools/node-22/bin/node", "");
        Directory.CreateDirectory(home["bin"]);
        File.CreateSymbolicLink(home["bin/node"], real);
        var found = ToolChains.Find(home["bin"], "/nobody", _ => null);
        Assert.True(found.Sees(real));
    }

    private ToolChains Find(IEnumerable<string> path) => ToolChains.Find(string.Join(':', path), home.Path, _ => null);

    private bool IsSeen(ToolChains found, string path) => found.Sees(home[path]) && !found.Masks.Any(mask => ToolChains.IsWithin(home[path], mask));
}
