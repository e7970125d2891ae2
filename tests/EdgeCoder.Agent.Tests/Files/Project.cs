using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Ignores;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Secrets;
using EdgeCoder.Agent.Tools;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Agent.Tests.Files;

/// <summary>A small project on the disk and the tools on it, as one session has them.</summary>
internal sealed class Project : IDisposable
{
    private readonly TemporaryDirectory _outside = new();

    public Project(SecretFilePolicy? secrets = null, IReadOnlyList<string>? protectedGlobs = null, bool portable = false)
    {
        Directory.CreateDirectory(_outside["project"]);
        Root = ProjectRoot.Open(_outside["project"], portable);
        Secrets = secrets ?? SecretFilePolicy.Default;
        Tools = FileTools.Create(Root, Secrets, IgnoreRules.Create(Root), Ledger, protectedGlobs);
    }

    public ProjectRoot Root { get; }

    public SecretFilePolicy Secrets { get; }

    public ReadLedger Ledger { get; } = new();

    public IReadOnlyList<ITool> Tools { get; }

    /// <summary>A directory beside the project.</summary>
    public string Outside => _outside.Path;

    public string this[string name] => Path.Combine(Root.Directory, name);

    public string Write(string name, string text) => Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    public string Write(string name, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[name])!);
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    public string Read(string name) => File.ReadAllText(this[name]);

    /// <summary>Calls a tool as the loop does: described first.</summary>
    public async Task<ToolResult> CallAsync(string tool, object arguments)
    {
        var called = Tools.Single(candidate => candidate.Name == tool);
        var json = JsonSerializer.SerializeToElement(arguments);
        called.Describe(json);
        return await called.RunAsync(new("1", json, _ => { }), TestContext.Current.CancellationToken);
    }

    public async Task<string> TextAsync(string tool, object arguments) => (await CallAsync(tool, arguments)).Text;

    /// <summary>What the model is told when the call fails.</summary>
    public async Task<string> RefusalAsync(string tool, object arguments) => (await Assert.ThrowsAsync<ToolException>(() => CallAsync(tool, arguments))).Message;

    public void Dispose()
    {
        Root.Dispose();
        _outside.Dispose();
    }
}
