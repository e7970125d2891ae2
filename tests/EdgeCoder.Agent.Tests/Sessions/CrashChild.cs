using System.Diagnostics;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Snippets;
using EdgeCoder.Agent.Tests.Snippets;
using EdgeCoder.Executor;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Agent.Tests.Sessions;

/// <summary>
/// This test program as another process: when the environment names a directory it works on the one session there, writes down each effect,
/// and kills itself (SIGKILL) at its second effect, before or after that effect happens.
/// </summary>
internal sealed class CrashChild(string directory, bool killAfterEffect) : ICodeExecutor
{
    /// <summary>Name of the variable that holds the directory.</summary>
    public const string DirectoryVariable = "EDGECODER_TEST_CRASH_DIRECTORY";

    /// <summary>Name of the variable that is <c>after</c> or <c>before</c>.</summary>
    public const string WhenVariable = "EDGECODER_TEST_CRASH_WHEN";

    private int _effects;

    private string Log => Path.Combine(directory, "effects.log");

    /// <summary>The exit code of the session, when this process was started to be killed; null when it is to run tests.</summary>
    public static Task<int>? RunWhenAsked() =>
        Environment.GetEnvironmentVariable(DirectoryVariable) is { } directory
            ? new CrashChild(directory, Environment.GetEnvironmentVariable(WhenVariable) == "after").WorkAsync()
            : null;

    public Task<RunResult> RunAsync(RunRequest request, CancellationToken cancellationToken)
    {
        Effect($"run {string.Join(' ', request.Files.Concat(request.Tests).Select(f => f.Text.Length))} {request.Files[0].Text.ReplaceLineEndings(string.Empty)}");
        return Task.FromResult(Scenario.Judge(request));
    }

    private async Task<int> WorkAsync()
    {
        using var client = new RepliesBySeed(this);
        var model = new AgentModel
        {
            Client = client,
            Identity = new ModelIdentity { Id = "scripted", Provider = "openai-compatible", Digest = "sha256:abc" },
            Window = 4_096,
            CountTokens = (text, _) => ValueTask.FromResult(text.Length / 4),
            OnThisMachine = true,
        };
        var store = new SessionStore(directory);
        var agent = new SnippetAgent(this, store, TimeProvider.System);
        var task = new SnippetTask { Request = "merge two dictionaries", Language = SnippetLanguage.Python, Seed = 7 };
        var stream = store.List() is [var session] ? agent.ResumeAsync(session.SessionId, model, default) : agent.RunAsync(task, model, default);
        var told = await Told.OfAsync(stream);
        return told.Execution.Outcome == SessionOutcome.Succeeded ? 0 : 1;
    }

    /// <summary>An effect of the outside world: it leaves a line that nothing takes back.</summary>
    private void Effect(string what)
    {
        var last = ++_effects == 2;
        if (last && !killAfterEffect)
        {
            Process.GetCurrentProcess().Kill();
        }

        File.AppendAllText(Log, what + "\n");
        if (last && killAfterEffect)
        {
            Process.GetCurrentProcess().Kill();
        }
    }

    /// <summary>Answers each new seed with the next reply, and a seed that was asked before with the same one: a step keeps its seed.</summary>
    private sealed class RepliesBySeed(CrashChild child) : DelegatingChatClient(new ScriptedChatClient())
    {
        private static readonly ScriptedReply[] Replies =
            [Scenario.Plan, ScriptedReply.Fenced(Scenario.Tests), "no code", ScriptedReply.Fenced(Scenario.Bad), ScriptedReply.Fenced(Scenario.OtherBad), ScriptedReply.Fenced(Scenario.Good)];

        public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            var name = $"model {options!.Seed}";
            var known = File.Exists(child.Log) ? File.ReadAllLines(child.Log).Where(l => l.StartsWith("model", StringComparison.Ordinal)).Distinct().ToList() : [];
            var index = known.IndexOf(name);
            child.Effect(name);
            return new ScriptedChatClient(Replies[index < 0 ? known.Count : index]).GetStreamingResponseAsync(messages, options, cancellationToken);
        }
    }
}
