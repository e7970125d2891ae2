using System.Text.Json;
using EdgeCoder.Agent.Mcp;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Agent.Tests.Mcp;

/// <summary>The lists of servers: a person's own, an editor's and a project's, which is a stranger's file (agent-executor-models 8; 2.1).</summary>
public sealed class McpServerListTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<string> _faults = [];

    public McpServerListTests() => Directory.CreateDirectory(Root);

    private string Root => _directory["project"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Without_files_there_is_nothing_and_nothing_to_tell()
    {
        Assert.Empty(Read());
        Assert.Empty(_faults);
    }

    [Fact]
    public void A_program_and_an_address_are_read_with_their_exact_lines()
    {
        Yours("""
            // comments and a last comma are usual in such files
            {"mcpServers":{"notes":{"type":"stdio","command":"node","args":["a b.js","--x"],"env":{"TOKEN":"hidden"}},"far":{"type":"http","url":"https://far.example/mcp"},}}
            """);
        var (notes, far) = (Read()[0], Read()[1]);
        Assert.Equal(("notes", "yours", "TOKEN=… node 'a b.js' --x"), (notes.Name, notes.Source, notes.Line));
        Assert.Equal(["node", "a b.js", "--x"], notes.Command);
        Assert.Equal("hidden", notes.Environment["TOKEN"]);
        Assert.DoesNotContain("hidden", notes.ToString(), StringComparison.Ordinal);
        Assert.Equal(("https://far.example/mcp", "https://far.example/mcp"), (far.Line, far.Url!.AbsoluteUri));
        Assert.Empty(_faults);
    }

    [Theory]
    [InlineData("""{"command":"a","url":"https://x.example/"}""", "one of them")]
    [InlineData("{}", "one of them")]
    [InlineData("null", "it is null")]
    [InlineData("""{"command":""}""", "its command is empty")]
    [InlineData("""{"command":"a","type":"http"}""", "of type stdio")]
    [InlineData("""{"command":"a","args":["b\u0000"]}""", "a zero byte")]
    [InlineData("""{"command":"a","args":[null]}""", "a word of it is null")]
    [InlineData("""{"command":"a","env":{"A":null}}""", "a word of it is null")]
    [InlineData("""{"command":"a","env":{"A=B":"c"}}""", "a variable has no name")]
    [InlineData("""{"url":"https://x.example/","type":"sse"}""", "http is")]
    [InlineData("""{"url":"https://x.example/","args":["a"]}""", "go with a command")]
    [InlineData("""{"url":"http://x.example/"}""", "must be https")]
    [InlineData("""{"url":"https://me:secret@x.example/"}""", "without a password")]
    [InlineData("""{"url":"file:///etc/passwd"}""", "must be https")]
    public void An_entry_that_makes_no_sense_is_told_and_the_others_stay(string entry, string said)
    {
        InProject($$"""{"mcpServers":{"bad":{{entry}},"good":{"command":"a"} } }""");
        Assert.Equal("good", Assert.Single(Read()).Name);
        var fault = Assert.Single(_faults);
        Assert.StartsWith("The MCP server bad (project) is left out: ", fault, StringComparison.Ordinal);
        Assert.Contains(said, fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("../x")]
    [InlineData("ünï")]
    [InlineData("abcdefghijklmnopqrstuvwxyz0123456")]
    public void A_name_that_cannot_be_part_of_a_tools_name_is_told(string name)
    {
        InProject(JsonSerializer.Serialize(new { mcpServers = new Dictionary<string, object> { [name] = new { command = "a" } } }));
        Assert.Empty(Read());
        Assert.Contains("1 to 32 letters", Assert.Single(_faults), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_switched_off_is_left_out_without_a_word()
    {
        InProject("""{"mcpServers":{"off":{"command":"a","disabled":true}}}""");
        Assert.Empty(Read());
        Assert.Empty(_faults);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("""{"mcpServers":null}""")]
    [InlineData("""{"mcpServers":[]}""")]
    [InlineData("""{"servers":{}}""")]
    [InlineData("""{"mcpServers":{"a":{"command":"a","sandbox":false}}}""")]
    [InlineData("""{"mcpServers":{"a":{"command":"a"},"a":{"command":"b"}}}""")]
    [InlineData("""{"mcpServers":{"a":{"command":"a","command":"b"}}}""")]
    public void A_file_of_another_form_or_with_something_unknown_is_used_in_no_part(string text)
    {
        Yours("""{"mcpServers":{"mine":{"command":"a"}}}""");
        InProject(text);
        Assert.Equal("mine", Assert.Single(Read()).Name);
        Assert.Contains("No MCP server of", Assert.Single(_faults), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_too_large_is_not_read()
    {
        InProject("""{"mcpServers":{}}""" + new string(' ', 256 << 10));
        Yours("""{"mcpServers":{}}""" + new string(' ', 256 << 10));
        Assert.Empty(Read());
        Assert.Equal(2, _faults.Count(fault => fault.Contains("256 KiB", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("mcp.json")]
    [InlineData(".")]
    public void A_projects_file_behind_a_link_is_not_read_whether_it_leads_out_or_not(string linked)
    {
        foreach (var target in new[] { _directory["outside"], Path.Combine(Root, "inside") })
        {
            Directory.CreateDirectory(target);
            File.WriteAllText(Path.Combine(target, "mcp.json"), """{"mcpServers":{"smuggled":{"command":"a"}}}""");
            var place = Path.Combine(Root, ".edgecoder");
            if (linked == ".")
            {
                Directory.CreateSymbolicLink(place, target);
            }
            else
            {
                Directory.CreateDirectory(place);
                File.CreateSymbolicLink(Path.Combine(place, linked), Path.Combine(target, linked));
            }

            _faults.Clear();
            Assert.Empty(Read());
            Assert.Single(_faults);
            Directory.Delete(place, recursive: linked != ".");
        }
    }

    [Fact]
    public void The_persons_own_file_may_be_a_link_but_no_directory()
    {
        Directory.CreateDirectory(_directory["config"]);
        File.CreateSymbolicLink(_directory["config/mcp.json"], _directory.Write("dotfiles/mcp.json", """{"mcpServers":{"mine":{"command":"a"}}}"""));
        Assert.Equal("mine", Assert.Single(Read()).Name);
        File.Delete(_directory["config/mcp.json"]);
        Directory.CreateDirectory(_directory["config/mcp.json"]);
        Assert.Empty(Read());
        Assert.Single(_faults);
    }

    [Fact]
    public void Nobody_stands_in_for_a_server_that_a_person_knows_by_name()
    {
        Yours("""{"mcpServers":{"Notes":{"command":"mine"},"NOTES":{"command":"second"}}}""");
        InProject("""{"mcpServers":{"notes":{"command":"theirs"},"other":{"command":"theirs"}}}""");
        var editor = McpServerList.OfEditor("other", null, "editors", [], new Dictionary<string, string>(), null, _faults.Add)!;
        Assert.Equal([("Notes", "mine"), ("other", "editors")], Read(editor).Select(entry => (entry.Name, Assert.Single(entry.Command))));
        Assert.Equal(["NOTES (yours)", "notes (project)", "other (project)"], _faults.Select(fault => fault["The MCP server ".Length..fault.IndexOf(" is left out", StringComparison.Ordinal)]));
    }

    [Fact]
    public void There_are_at_most_sixteen()
    {
        Yours(JsonSerializer.Serialize(new { mcpServers = Enumerable.Range(0, 17).ToDictionary(n => $"s{n}", _ => new { command = "a" }) }));
        Assert.Equal(16, Read().Count);
        Assert.Contains("s16 (yours) is left out: there are 16 already", Assert.Single(_faults), StringComparison.Ordinal);
    }

    [Fact]
    public void An_editors_name_for_people_becomes_one_for_tools()
    {
        var entry = McpServerList.OfEditor("My Notes (work) and a name that is long", "stdio", "a", ["b"], new Dictionary<string, string>(), null, _faults.Add)!;
        Assert.Equal(("My-Notes--work--and-a-name-that-i", "editor"), (entry.Name + "i", entry.Source));
        Assert.Null(McpServerList.OfEditor("", null, "a", [], new Dictionary<string, string>(), null, _faults.Add));
        Assert.Single(_faults);
    }

    private IReadOnlyList<McpServerEntry> Read(params McpServerEntry[] editor) => McpServerList.Read(_directory["config"], Root, editor, _faults.Add);

    private void Yours(string text) => _directory.Write("config/mcp.json", text);

    private void InProject(string text) => _directory.Write("project/.edgecoder/mcp.json", text);
}
