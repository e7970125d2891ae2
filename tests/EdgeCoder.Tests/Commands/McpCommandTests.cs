using System.Text.Json.Nodes;
using EdgeCoder.Commands;
using EdgeCoder.TestKit.Files;
using Spectre.Console.Testing;

namespace EdgeCoder.Tests.Commands;

/// <summary><c>edgecoder mcp list|approve|forget</c> as a person and a program use it.</summary>
public sealed class McpCommandTests : IDisposable
{
    private const string Notes = """{"mcpServers":{"notes":{"command":"node","args":["server.js"],"env":{"TOKEN":"hidden"}}}}""";

    private readonly TemporaryDirectory _directory = new();
    private readonly TestConsole _console = new() { Profile = { Width = 8192 } };
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public McpCommandTests() => Directory.CreateDirectory(_directory["project/.git"]);

    public void Dispose()
    {
        _directory.Dispose();
        _console.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public async Task Without_servers_the_files_that_would_list_them_are_named()
    {
        Assert.Equal(0, await RunAsync("mcp", "list"));
        Assert.Contains(Path.Combine("project", ".edgecoder", "mcp.json"), _console.Output, StringComparison.Ordinal);
        Assert.Contains(Path.Combine("config", "mcp.json"), _console.Output, StringComparison.Ordinal);
        Assert.Equal(0, await RunAsync("mcp", "list", "--json"));
        Assert.Equal("[]", _output.ToString().Trim());
    }

    [Fact]
    public async Task A_server_is_listed_approved_and_forgotten_in_words()
    {
        _directory.Write("project/.edgecoder/mcp.json", Notes);
        Assert.Equal(0, await RunAsync("mcp", "list"));
        Assert.Equal(0, await RunAsync("mcp", "approve", "notes"));
        Assert.Equal(0, await RunAsync("mcp", "list"));
        Assert.Equal(0, await RunAsync("mcp", "forget", "notes"));
        Assert.Equal(0, await RunAsync("mcp", "forget", "notes"));
        Assert.Equal(
            [
                "notes (project, not approved): TOKEN=… node server.js",
                $"notes is approved in {_directory["project"]}: TOKEN=… node server.js",
                "notes (project, approved): TOKEN=… node server.js",
                "notes is not approved any more.",
                "notes was not approved.",
            ],
            _console.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim()));
    }

    [Fact]
    public async Task A_program_reads_the_same_as_json_without_values_of_variables()
    {
        _directory.Write("config/mcp.json", Notes);
        Assert.Equal(0, await RunAsync("mcp", "list", "--json"));
        Assert.Equal(0, await RunAsync("mcp", "approve", "notes", "--json"));
        Assert.Equal(0, await RunAsync("mcp", "forget", "notes", "--json"));
        Assert.Equal(0, await RunAsync("mcp", "forget", "notes", "--json"));
        var lines = _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal("""[{"name":"notes","source":"yours","line":"TOKEN=… node server.js","approved":false}]""", Plain(lines[0]));
        Assert.Equal("""{"name":"notes","source":"yours","line":"TOKEN=… node server.js","approved":true}""", Plain(lines[1]));
        Assert.Equal("""{"name":"notes","forgotten":true}""", Plain(lines[2]));
        Assert.Equal("""{"name":"notes","forgotten":false}""", Plain(lines[3]));
        Assert.Equal("", _console.Output);
        Assert.Equal("", _error.ToString());
    }

    [Fact]
    public async Task An_unknown_name_is_a_usage_error_and_approves_nothing()
    {
        _directory.Write("config/mcp.json", Notes);
        Assert.Equal((int)ExitCode.Usage, await RunAsync("mcp", "approve", "Notes", "--json"));
        Assert.Contains("\"mcp_server_not_found\"", _output.ToString(), StringComparison.Ordinal);
        Assert.Equal((int)ExitCode.Usage, await RunAsync("mcp", "approve", "other"));
        Assert.Contains("edgecoder mcp list", _error + _console.Output, StringComparison.Ordinal);
        Assert.Equal((int)ExitCode.Usage, await RunAsync("mcp", "approve"));
        Assert.False(File.Exists(_directory["data/mcp-approvals.json"]));
    }

    [Fact]
    public async Task What_is_wrong_in_a_list_is_told_beside_it_and_a_terminal_obeys_nothing_of_it()
    {
        _directory.Write("project/.edgecoder/mcp.json", """{"mcpServers":{"bad\u001b[2J":{"command":"a"},"good":{"command":"a\u001b[2Jb","args":["c\nd","\u202e"]}}}""");
        Assert.Equal(0, await RunAsync("mcp", "list"));
        Assert.Contains("is left out: a name is", _error.ToString(), StringComparison.Ordinal);
        Assert.Contains("good (project, not approved)", _console.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', _error + _console.Output);
        Assert.DoesNotContain('\u202e', _error + _console.Output);
    }

    [Fact]
    public async Task A_damaged_list_of_approvals_is_a_failure_that_names_the_file()
    {
        _directory.Write("config/mcp.json", Notes);
        _directory.Write("data/mcp-approvals.json", "{");
        foreach (var command in new string[][] { ["mcp", "list", "--json"], ["mcp", "approve", "notes", "--json"], ["mcp", "forget", "notes", "--json"] })
        {
            Assert.Equal((int)ExitCode.Failed, await RunAsync(command));
        }

        Assert.Equal(3, _output.ToString().Split('\n').Count(line => line.Contains("\"mcp_approvals_unreadable\"", StringComparison.Ordinal)));
    }

    // The writer escapes what is not ASCII.
    private static string Plain(JsonNode line) => line.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private Task<int> RunAsync(params string[] arguments) => CommandLine.RunAsync(
        arguments,
        new()
        {
            Console = _console,
            ErrorConsole = _console,
            Output = _output,
            Error = _error,
            Input = () => Stream.Null,
            InputRedirected = true,
            Terminals = (false, false),
            Environment = name => name switch
            {
                "EDGECODER_DATA_DIR" => _directory["data"],
                "EDGECODER_CONFIG_DIR" => _directory["config"],
                _ => null,
            },
            Time = TimeProvider.System,
            Interactive = false,
            Directory = _directory["project"],
            Person = new(false, () => null, () => { }),
            Width = () => 200,
        },
        TestContext.Current.CancellationToken);
}
