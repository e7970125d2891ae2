using EdgeCoder.Inference.Providers;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Inference.Tests.Providers;

public sealed class ModelSettingsReaderTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private ModelSettings Read(string? file = null, params (string Name, string Value)[] environment)
    {
        if (file is not null)
        {
            _directory.Write("models.json", file);
        }

        return ModelSettingsReader.Read("/data", _directory.Path, name => environment.FirstOrDefault(pair => pair.Name == name).Value);
    }

    private string Refused(string? file = null, params (string Name, string Value)[] environment)
    {
        var e = Assert.Throws<ModelException>(() => Read(file, environment));
        Assert.Equal("invalid_settings", e.Code);
        return e.Message;
    }

    [Fact]
    public void Nothing_set_is_local_with_a_look_at_Ollama_and_no_roles()
    {
        var settings = Read();

        Assert.Equal(ProviderKinds.Local, settings.DefaultProvider);
        Assert.Equal("http://127.0.0.1:11434", settings.Ollama.Address.ToString());
        Assert.False(settings.Ollama.IsConfigured);
        Assert.Empty(settings.Roles);
        Assert.Empty(settings.Fallback);
    }

    [Fact]
    public void Empty_and_blank_values_equal_unset() => Assert.Equal(ProviderKinds.Local, Read(null, ("LOCAL_MODEL_PROVIDER", " "), ("OLLAMA_HOST", "")).DefaultProvider);

    [Fact]
    public void Ollama_as_default_provider_sets_its_models_for_the_roles()
    {
        var settings = Read(null, ("LOCAL_MODEL_PROVIDER", "ollama-local"), ("OLLAMA_MODEL", "mine:7b"));

        Assert.Equal("ollama-local/mine:7b", settings.Roles[ModelRole.Coder]);
        Assert.Equal("ollama-local/qwen3.5:9b", settings.Roles[ModelRole.Planner]);
        Assert.True(settings.Ollama.IsConfigured);
    }

    [Fact]
    public void File_names_servers_roles_and_fallback()
    {
        var settings = Read("""
            {
              // A comment is fine.
              "roles": { "coder": "openai-compatible/lmstudio/qwen" },
              "fallback": ["edgecoder-local/qwen2.5-coder:1.5b"],
              "servers": [{ "name": "lmstudio", "address": "http://localhost:1234/v1", "reach": "this-machine", "contextWindow": 8192 }],
            }
            """);

        var server = Assert.Single(settings.Servers);
        Assert.Equal(("http://127.0.0.1:1234/v1", ModelReach.ThisMachine, 8192), (server.Address.ToString(), server.Reach, server.ContextWindow));
        Assert.Equal("openai-compatible/lmstudio/qwen", settings.Roles[ModelRole.Coder]);
        Assert.Single(settings.Fallback);
    }

    [Fact]
    public void All_faults_come_in_one_message()
    {
        var message = Refused(
            """{ "roles": { "cook": "x" }, "servers": [{ "name": "a", "address": "http://10.0.0.1/v1", "reach": "team" }, { "name": "b", "address": "http://127.0.0.1/v1", "contextWindow": 1 }] }""",
            ("LOCAL_MODEL_PROVIDER", "gpt"), ("OLLAMA_HOST", "ftp://x"), ("OLLAMA_AUTO_INSTALL", "true"), ("MODEL_SOURCE_ALLOWLIST", "http://x/"));

        foreach (var name in new[] { "LOCAL_MODEL_PROVIDER", "OLLAMA_HOST", "OLLAMA_AUTO_INSTALL", "MODEL_SOURCE_ALLOWLIST", "cook", "server \"a\"", "server \"b\"" })
        {
            Assert.Contains(name, message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{ "server": [] }""")]
    [InlineData("""{ "fallback": "always" }""")]
    [InlineData("""{ "servers": [{ "name": "a", "address": "http://127.0.0.1/v1" }] }""")]
    [InlineData("""{ "servers": [{ "name": "a", "address": "https://x.example/v1", "reach": "this-machine" }] }""")]
    [InlineData("""{ "servers": [{ "name": "a b", "address": "http://127.0.0.1/v1", "reach": "team" }] }""")]
    [InlineData("""{ "servers": [{ "name": "a", "address": "http://127.0.0.1/v1", "reach": "team", "apiKeyFile": "relative" }] }""")]
    [InlineData("{")]
    public void What_cannot_be_honoured_is_a_fault(string file) => Refused(file);

    [Fact]
    public void Remote_Ollama_needs_a_label()
    {
        Assert.Contains("label", Refused(null, ("OLLAMA_HOST", "https://ollama.example")), StringComparison.Ordinal);
        Assert.Equal(ModelReach.Team, Read("""{ "ollama": { "reach": "team" } }""", ("OLLAMA_HOST", "https://ollama.example")).Ollama.Reach);
    }

    [Fact]
    public void Key_file_that_others_can_read_is_a_fault()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // File modes are Unix's.
        }

        var key = _directory.Write("key", "secret-value");
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        var file = $$"""{ "servers": [{ "name": "a", "address": "http://127.0.0.1/v1", "reach": "team", "apiKeyFile": "{{key}}" }] }""";

        var message = Refused(file);
        Assert.Contains("chmod 600", message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-value", message, StringComparison.Ordinal);

        File.SetUnixFileMode(key, UnixFileMode.UserRead);
        Assert.Equal(key, Read(file).Servers[0].KeyFile);
    }

    [Fact]
    public void Endpoint_that_does_not_follow_from_the_host_is_a_fault()
    {
        Assert.Contains("OLLAMA_TAGS_ENDPOINT", Refused(null, ("OLLAMA_TAGS_ENDPOINT", "http://127.0.0.1:99/api/tags")), StringComparison.Ordinal);
        Read(null, ("OLLAMA_TAGS_ENDPOINT", "http://127.0.0.1:11434/api/tags"));
    }
}
