using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Executor;
using EdgeCoder.Protocol;

namespace EdgeCoder.IdeProvider.Mcp;

/// <summary><c>execute_code</c>: a program in the sandbox, without a model.</summary>
internal sealed class ExecuteCodeTool(ICodeExecutor executor) : McpTool
{
    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"required":["language","code"],"properties":{
        "language":{"type":"string","enum":["python","javascript"],"description":"Language of code and tests."},
        "code":{"type":"string","minLength":1,"maxLength":1048576,"description":"The program, whole. No network, no installed packages, files only in its own scratch directory."},
        "tests":{"type":"string","minLength":1,"maxLength":1048576,"description":"Tests of the program, which then decide instead of its exit code: pytest or unittest; node:test. They see the program's public names."},
        "stdin":{"type":"string","maxLength":16777216,"description":"What the program may read from standard input. Default: closed."},
        "timeoutMs":{"type":"integer","minimum":10,"maximum":600000,"description":"Most wall and processor time in milliseconds, 10 to 600000. Default 4000."},
        "memoryMiB":{"type":"integer","minimum":32,"maximum":65536,"description":"Most memory in MiB, 32 to 65536. Default 256."},
        "outputBytes":{"type":"integer","minimum":2,"maximum":262144,"description":"Bytes kept of each output stream, 2 to 262144. Default 65536."}}}
        """);

    /// <inheritdoc/>
    public override string Name => "execute_code";

    /// <inheritdoc/>
    public override string Description =>
        "Runs a Python or JavaScript program, with tests if given, in EdgeCoder's sandbox on this machine and returns {ok, stdout, stderr, exitCode, queueReason, limits, tests}. ok means: exit code 0, no limit hit, and all tests passed.";

    /// <inheritdoc/>
    public override JsonElement Schema => Shape;

    /// <inheritdoc/>
    public override async Task<McpAnswer> RunAsync(McpCall call, CancellationToken cancellationToken)
    {
        var given = call.Arguments;
        var language = given.Text("language") == "javascript" ? SnippetLanguage.JavaScript : SnippetLanguage.Python;
        var ending = language == SnippetLanguage.JavaScript ? "js" : "py";
        var request = new RunRequest
        {
            Language = language,
            Files = [new($"solution.{ending}", given.Text("code"))],
            Tests = given.TextOrNull("tests") is { } tests ? [new(language == SnippetLanguage.JavaScript ? "solution.test.js" : "test_solution.py", tests)] : [],
            Stdin = given.TextOrNull("stdin"),
            Limits = new()
            {
                Time = Number(given, "timeoutMs") is { } time ? TimeSpan.FromMilliseconds(time) : null,
                MemoryBytes = Number(given, "memoryMiB") << 20,
                OutputBytes = Number(given, "outputBytes"),
            },
        };
        if (request.Limits.Fault(language) is { } fault)
        {
            throw new McpFault("invalid_limit", fault, "Give limits within these bounds.");
        }

        await call.Progress("running in the sandbox").ConfigureAwait(false);
        return McpAnswer.Of(JsonSerializer.SerializeToElement(await executor.RunAsync(request, cancellationToken).ConfigureAwait(false), ProtocolJson.Default.RunResult));
    }

    private static long? Number(JsonElement given, string name) => given.TryGetProperty(name, out var value) ? value.GetInt64() : null;
}
