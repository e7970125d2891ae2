using System.Text;
using System.Text.Json;
using EdgeCoder.Agent.Commands;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Protocol.Sessions;
using Xunit;

namespace EdgeCoder.Agent.Tests.Commands;

/// <summary>What a model gets of commands (failure modes R2, R5, S6).</summary>
public sealed class RunCommandToolTests : IDisposable
{
    private readonly SampleProject project = new();

    public void Dispose() => project.Dispose();

    [Fact]
    public async Task Words_and_scripts_run_in_the_project_at_a_neutral_place()
    {
        project.Write("src/file", "content\n");
        Assert.Equal("exit code 0\n--- stdout\ncontent", Untimed((await project.CommandAsync("""{"command":["cat","file"],"cwd":"src"}""")).Text));
        Assert.Equal("exit code 3\n--- stdout\n/project/sample\n--- stderr\nwrong", Untimed((await project.CommandAsync("""{"command":"pwd; echo wrong >&2; exit 3"}""")).Text));
        Assert.Equal("exit code 0\n--- stdout\n/project/sample/src", Untimed((await project.CommandAsync("""{"command":["pwd"],"cwd":"/project/sample/src"}""")).Text));
        Assert.Equal("exit code 0\n(no output)", Untimed((await project.CommandAsync("""{"command":["true"]}""")).Text));
    }

    [Fact]
    public async Task Denied_files_show_as_empty()
    {
        project.Write(".env", "password");
        project.Write("config/keys/server.pem", "password");
        project.Denied.AddRange([".env", "config/keys"]);
        var result = await project.CommandAsync("""{"command":"cat .env config/keys/server.pem; grep -r pass .; git diff --no-index /dev/null .env; ls config/keys"}""");
        Assert.DoesNotContain("password", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_has_no_name_in_utf8_hides_nothing_from_the_masks()
    {
        await project.CommandAsync("""{"command":"mkdir -p sub/$(printf 'caf\\351') && echo password > sub/caf*/.env && touch sub/beside && ls sub"}""");
        project.Denied.AddRange(EdgeCoder.Agent.Secrets.SecretFilePolicy.Default.DeniedIn(project.Commands.Root, TestContext.Current.CancellationToken).Select(path => path.Value));
        Assert.Equal(["sub"], project.Denied);
        Assert.DoesNotContain("password", (await project.CommandAsync("""{"command":"cat sub/*/.env; grep -r pass ."}""")).Text, StringComparison.Ordinal);

        project.Denied.Clear();
        await project.CommandAsync("""{"command":"mv sub/caf* ."}""");
        project.Denied.AddRange(EdgeCoder.Agent.Secrets.SecretFilePolicy.Default.DeniedIn(project.Commands.Root, TestContext.Current.CancellationToken).Select(path => path.Value));
        var fault = await Assert.ThrowsAsync<ToolException>(() => project.CommandAsync("""{"command":"cat caf*/.env"}"""));
        Assert.Contains("UTF-8", fault.Message, StringComparison.Ordinal);

        // The runtime cannot name it either, and so not remove it.
        project.Denied.Clear();
        await project.CommandAsync("""{"command":"rm -rf caf*"}""");
    }

    [Fact]
    public async Task Time_limit_is_told()
    {
        var result = await project.CommandAsync("""{"command":"echo begun; sleep 60","timeout":1}""");
        Assert.StartsWith("exit code 124: the time limit of 1 s ended it and everything it started\n--- stdout\nbegun", result.Text, StringComparison.Ordinal);
        Assert.Equal("time", project.Events.OfType<ShellOutputEvent>().Single().Limits);
    }

    [Fact]
    public async Task Result_is_within_its_cap_and_tells_what_was_dropped()
    {
        var result = await project.CommandAsync("""{"command":"echo first; head -c 3000000 /dev/urandom; head -c 3000000 /dev/urandom >&2; echo; echo last"}""");
        Assert.True(result.Truncated);
        Assert.True(Encoding.UTF8.GetByteCount(result.Text) <= 64 << 10, $"{Encoding.UTF8.GetByteCount(result.Text)} bytes");
        Assert.Contains("\nfirst\n", result.Text, StringComparison.Ordinal);
        Assert.Contains("\nlast\n", result.Text, StringComparison.Ordinal);
        Assert.Contains("bytes dropped]", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Orders_to_the_terminal_are_not_handed_on() =>
        Assert.Equal("exit code 0\n--- stdout\nred text", Untimed((await project.CommandAsync("""{"command":"printf '\\033[31mred\\033[0m \\033]0;title\\007te\\000xt\\n'"}""")).Text));

    [Fact]
    public void Network_is_refused_where_it_cannot_be()
    {
        var tool = new RunCommandTool(project.Commands);
        var call = JsonElement.Parse("""{"command":["curl","https://example.com"],"network":true}""");
        Assert.Throws<ToolException>(() => tool.Describe(call));
        var open = new RunCommandTool(project.Commands with { NetworkPossible = true });
        Assert.Equal(ToolAccess.Network, open.Describe(call).Access);
        Assert.Equal(ToolAccess.Execute, open.Describe(JsonElement.Parse("""{"command":["true"]}""")).Access);
    }

    [Fact]
    public void Call_that_can_only_fail_asks_nobody()
    {
        var tool = new RunCommandTool(project.Commands);
        foreach (var call in (string[])["""{"command":["true"],"cwd":"../.."}""", """{"command":["true"],"cwd":"/etc"}""", """{"command":["true"],"cwd":"missing"}""", """{"command":" "}""", """{"command":[""]}"""])
        {
            Assert.Throws<ToolException>(() => tool.Describe(JsonElement.Parse(call)));
        }
    }

    [Fact]
    public void Script_is_told_from_words()
    {
        var tool = new RunCommandTool(project.Commands);
        var script = tool.Describe(JsonElement.Parse("""{"command":"pytest && rm -rf ."}"""));
        var words = tool.Describe(JsonElement.Parse("""{"command":["pytest","-q","a b"]}"""));
        Assert.Equal((true, "run pytest && rm -rf ."), (script.Script, script.Summary));
        Assert.Equal((false, "run pytest -q 'a b'"), (words.Script, words.Summary));
        Assert.Equal(["sh", "-c", "pytest && rm -rf ."], script.Command);
    }

    [Fact]
    public async Task Cancellation_is_thrown_and_nothing_is_told_as_a_result()
    {
        using var cancel = new CancellationTokenSource();
        var call = new ToolCall("1", JsonElement.Parse("""{"command":"sleep 60"}"""), one =>
        {
            if (one is ShellRequestEvent)
            {
                cancel.CancelAfter(TimeSpan.FromMilliseconds(50));
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new RunCommandTool(project.Commands).RunAsync(call, cancel.Token));
    }

    [Fact]
    public async Task Installed_dependencies_of_the_persons_project_are_there_read_only()
    {
        using var person = new SampleProject();
        person.Write("node_modules/left/index.js", "module.exports = 'installed';");
        var commands = project.Commands;
        project.Commands = commands with { Dependencies = person.Commands.Root };
        var text = (await project.CommandAsync("""{"command":"node -p \"require('left')\"; echo x > node_modules/left/index.js"}""")).Text;
        Assert.Contains("installed", text, StringComparison.Ordinal);
        Assert.Contains("Read-only file system", text, StringComparison.Ordinal);
        Assert.Contains("installed", (await project.CommandAsync("""{"command":["node","-p","require('left')"]}""")).Text, StringComparison.Ordinal);
    }

    private static string Untimed(string text) => System.Text.RegularExpressions.Regex.Replace(text, @"(exit code \d+) after [\d.]+ s", "$1");
}
