using System.Text.Json;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Models;
using EdgeCoder.TestKit.Processes;
using EdgeCoder.TestKit.Repositories;

namespace EdgeCoder.SystemTests.Repositories;

/// <summary>A person's repository, a scripted model server on loopback, and the real program with its real sandbox and git.</summary>
internal sealed class RepositoryStage : IAsyncDisposable
{
    /// <summary>A plan.</summary>
    public static readonly ScriptedTurn Plan = new("1. Read dates.py.\n2. Accept ISO week dates.\n3. Run the tests.");

    /// <summary>Reads the file.</summary>
    public static readonly ScriptedTurn Read = ScriptedTurn.Call("read_file", new { path = "dates.py" });

    /// <summary>The right change.</summary>
    public static readonly ScriptedTurn Edit = ScriptedTurn.Call("edit_file", new
    {
        path = "dates.py",
        old_string = "    year, month, day = text.split(\"-\")\n",
        new_string = "    if \"W\" in text:\n        return datetime.date.fromisoformat(text)\n    year, month, day = text.split(\"-\")\n",
    });

    /// <summary>Runs the tests.</summary>
    public static readonly ScriptedTurn Test = ScriptedTurn.Call("run_tests", new { });

    /// <summary>The final statement.</summary>
    public static readonly ScriptedTurn Statement = new("parse_date accepts ISO week dates now; the tests pass.");

    private readonly ScriptedOpenAI _server;

    private RepositoryStage(ScriptedOpenAI server, ScriptedModel model)
    {
        (_server, Model) = (server, model);
        _server.Models.Add(model);
        Run.Write("config/models.json", $$"""{"servers":[{"name":"scripted","address":"{{server.BaseAddress}}","reach":"this-machine","model":"scripted","contextWindow":16384}]}""");
        Run.Environment["EDGECODER_CONFIG_DIR"] = Path.Combine(Run.Directory, "config");
        Run.Environment["LOCAL_MODEL_PROVIDER"] = "openai-compatible";
    }

    /// <summary>The program.</summary>
    public EdgeCoderRun Run { get; } = new();

    /// <summary>The person's repository.</summary>
    public SampleRepository Project { get; } = SampleRepositories.PythonDates();

    /// <summary>The model.</summary>
    public ScriptedModel Model { get; }

    /// <summary>The server.</summary>
    public ScriptedOpenAI Server => _server;

    /// <summary>Starts a stage whose model answers with these turns, and whose root is trusted.</summary>
    public static async Task<RepositoryStage> StartAsync(params IEnumerable<ScriptedTurn> turns)
    {
        var stage = new RepositoryStage(await ScriptedOpenAI.StartAsync(), new ScriptedModel { Id = "scripted", Turns = new(turns) });
        await stage.ToEndAsync("trust");
        return stage;
    }

    /// <summary>Runs a command in the project to its end.</summary>
    public Task<ProgramResult> ToEndAsync(params string[] arguments) => Run.InAsync(Project.Root, "", arguments);

    /// <summary>Events of a command's output.</summary>
    public static List<SessionEvent> Events(string lines) =>
        [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize(line, ProtocolJson.Default.SessionEvent)!)];

    public async ValueTask DisposeAsync()
    {
        Run.Dispose();
        Project.Dispose();
        await _server.DisposeAsync();
    }
}
