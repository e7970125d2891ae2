using EdgeCoder.Inference.Preflight;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Tests.Providers;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Models;

namespace EdgeCoder.Inference.Tests.Preflight;

public sealed class AbilityPreflightTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Model_that_calls_right_as_json_and_not_as_text_is_asked_for_json_from_then_on()
    {
        await using var ollama = await ScriptedOllama.StartAsync(Model(Json));
        await using var hub = Hub(ollama);

        var report = await hub.PreflightAsync("plain:1b", TimeSpan.FromMinutes(5), progress: null, Cancellation);

        Assert.Equal([new("json", 1), new("text", 0.25)], report.Abilities!.Tools);
        Assert.Equal("json", report.Abilities.ToolForm);
        Assert.True(report.Abilities.ObeysSchema);
        Assert.False(report.Abilities.FillsGaps);
        await using var selected = await hub.OpenAsync(new() { Model = "plain:1b" }, progress: null, Cancellation);
        Assert.True(selected.Model.ObeysJsonSchema);
    }

    [Fact]
    public async Task Server_that_drops_tools_is_found_out_and_the_text_form_chosen()
    {
        await using var ollama = await ScriptedOllama.StartAsync(Model(Text, "completion", "tools"));
        await using var hub = Hub(ollama);

        var report = await hub.PreflightAsync("plain:1b", TimeSpan.FromMinutes(5), progress: null, Cancellation);

        Assert.Equal("text", report.Abilities!.ToolForm);
        Assert.True(report.Abilities.Tools.Single(rate => rate.Form == "native").Rate < 0.5);
        await using var selected = await hub.OpenAsync(new() { Model = "plain:1b" }, progress: null, Cancellation);
        Assert.Equal((false, false), (selected.Model.CallsTools, selected.Model.ObeysJsonSchema));
    }

    [Fact]
    public async Task Stop_text_that_a_server_ignores_is_seen()
    {
        await using var ollama = await ScriptedOllama.StartAsync(Model(prompt => prompt.Contains("these words", StringComparison.Ordinal) ? "one two three four" : Json(prompt)));
        await using var hub = Hub(ollama);

        Assert.False((await hub.PreflightAsync("plain:1b", TimeSpan.FromMinutes(5), progress: null, Cancellation)).Abilities!.ObeysStop);
    }

    [Theory]
    [InlineData(1, 1, 1, "native")]
    [InlineData(0.5, 0.75, 1, "json")]
    [InlineData(0.5, 0.25, 0.6, "text")]
    [InlineData(0.25, 0, 0.25, null)]
    public void Form_is_the_most_capable_that_is_right_often_enough(double native, double json, double text, string? expected) =>
        Assert.Equal(expected, AbilityReport.Choose([new("native", native), new("json", json), new("text", text)]));

    private static ScriptedModel Model(Func<string, string> answer, params string[] abilities) => new()
    {
        Id = "plain:1b", Capabilities = abilities.Length == 0 ? ["completion"] : abilities, Answer = prompt => prompt.Contains("code word is", StringComparison.Ordinal) ? NeedleReader.Answer(prompt) : answer(prompt),
    };

    private static string Json(string prompt) => prompt switch
    {
        _ when prompt.Contains("read src/main.py", StringComparison.Ordinal) => """{"tool":"read_file","args":{"path":"src/main.py"}}""",
        _ when prompt.Contains("17 and 25", StringComparison.Ordinal) => """{"tool":"add","args":{"a":17,"b":25}}""",
        _ when prompt.Contains("40 percent", StringComparison.Ordinal) => """{"tool":"set_lamp","args":{"percent":40}}""",
        _ when prompt.Contains("word hello", StringComparison.Ordinal) => """{"final":"hello"}""",
        _ when prompt.Contains("water wet", StringComparison.Ordinal) => """{"ok":true}""",
        _ => "ok",
    };

    private static string Text(string prompt) => prompt.Contains("```tool_call", StringComparison.Ordinal) && Json(prompt) is var json && json.Contains("\"tool\"", StringComparison.Ordinal)
        ? $"```tool_call\n{json}\n```"
        : "hello";

    private ModelHub Hub(ScriptedOllama ollama) => new(new() { DataDirectory = _directory.Path, Ollama = ollama.Settings(window: 2048) }, ModelReach.ThisMachine);
}
