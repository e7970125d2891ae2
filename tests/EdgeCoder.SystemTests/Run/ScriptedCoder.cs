using EdgeCoder.TestKit.Models;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Run;

/// <summary>A model server on loopback that plans, writes tests and answers code with the next of its replies; and a program that is set up to use it.</summary>
internal sealed class ScriptedCoder : IAsyncDisposable
{
    private readonly ScriptedOpenAI _server;
    private readonly Queue<string> _replies;
    private readonly Lock _gate = new();

    private ScriptedCoder(ScriptedOpenAI server, IEnumerable<string> replies)
    {
        _server = server;
        _replies = new(replies);
        _server.Models.Add(new ScriptedModel { Id = "scripted", Answer = Answer });
        Run.Write("config/models.json", $$"""{"servers":[{"name":"scripted","address":"{{server.BaseAddress}}","reach":"this-machine","model":"scripted","contextWindow":16384}]}""");
        Run.Environment["EDGECODER_CONFIG_DIR"] = Path.Combine(Run.Directory, "config");
        Run.Environment["LOCAL_MODEL_PROVIDER"] = "openai-compatible";
    }

    /// <summary>The program.</summary>
    public EdgeCoderRun Run { get; } = new();

    /// <summary>The model, to make it fail.</summary>
    public ScriptedModel Model => _server.Models[0];

    /// <summary>Prompts for code so far.</summary>
    public List<string> CodePrompts { get; } = [];

    /// <summary>Answer to the prompt for tests.</summary>
    public string Tests { get; init; } = "```python\ndef test_double():\n    assert double(2) == 4\n\ndef test_zero():\n    assert double(0) == 0\n```";

    /// <summary>Starts a server whose answers to prompts for code are these, the last one again and again.</summary>
    public static async Task<ScriptedCoder> StartAsync(params string[] replies) => new(await ScriptedOpenAI.StartAsync(), replies);

    /// <summary>Fences code.</summary>
    public static string Python(string code) => $"Here it is:\n```python\n{code}\n```\n";

    public async ValueTask DisposeAsync()
    {
        Run.Dispose();
        await _server.DisposeAsync();
    }

    private string Answer(string prompt)
    {
        if (prompt.Contains("You plan small", StringComparison.Ordinal))
        {
            return "1. Define double(x).\n2. Return x times two.";
        }

        if (prompt.Contains("You write tests", StringComparison.Ordinal))
        {
            return Tests;
        }

        lock (_gate)
        {
            CodePrompts.Add(prompt);
            return _replies.Count > 1 ? _replies.Dequeue() : _replies.Peek();
        }
    }
}
