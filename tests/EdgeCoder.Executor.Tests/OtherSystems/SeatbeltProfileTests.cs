using CsCheck;
using EdgeCoder.Executor.Interpreters;
using EdgeCoder.Executor.Isolation.Seatbelt;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Tests.OtherSystems;

/// <summary>What the profile for macOS says. Whether macOS takes it so has not been tried: that is what "untested" means.</summary>
public sealed class SeatbeltProfileTests
{
    private static readonly Interpreter Python = new()
    {
        Language = SnippetLanguage.Python,
        Path = "/opt/homebrew/bin/python3.12",
        Version = "3.12.1",
        Reads = ["/opt/homebrew/bin/python3.12", "/opt/homebrew/lib/python3.12"],
        FileStamp = "1-1",
    };

    private static readonly Interpreter Node = Python with { Language = SnippetLanguage.JavaScript, Path = "/usr/local/bin/node", Version = "22.0.0", Reads = ["/usr/local/bin/node"] };

    private static string Text(Interpreter interpreter, bool mayExecute = false) => SeatbeltProfile.Text(interpreter, "/var/folders/x/runner", "/var/folders/x/scratch", mayExecute);

    [Fact]
    public void Everything_is_denied_that_is_not_allowed() => Assert.StartsWith("(version 1)\n(deny default)\n(allow ", Text(Python), StringComparison.Ordinal);

    [Theory]
    [InlineData("network")]
    [InlineData("process-fork")]
    [InlineData("mach-lookup")]
    [InlineData("process-info")]
    [InlineData("ipc-posix")]
    [InlineData("iokit")]
    [InlineData("system-socket")]
    [InlineData("(import")]
    [InlineData("allow default")]
    public void Nothing_that_reaches_out_is_allowed(string operation) => Assert.DoesNotContain(operation, Text(Node, mayExecute: true), StringComparison.Ordinal);

    [Fact]
    public void Operations_are_a_closed_list() => Assert.Equal(
        ["process-exec", "file-read*", "file-read-metadata", "file-write*", "file-write-data", "sysctl-read", "signal"],
        Text(Node, mayExecute: true).Split("(allow ").Skip(1).Select(rule => rule.Split('\n')[0]));

    [Fact]
    public void Only_the_interpreter_is_executed_and_only_where_it_is_started_under_the_profile()
    {
        Assert.DoesNotContain("process-exec", Text(Python), StringComparison.Ordinal);
        Assert.Contains("(allow process-exec\n  (literal \"/usr/local/bin/node\"))\n", Text(Node, mayExecute: true), StringComparison.Ordinal);
    }

    [Fact]
    public void Written_is_the_scratch_directory_by_its_real_path() =>
        Assert.Contains("(allow file-write*\n  (subpath \"/private/var/folders/x/scratch\"))\n", Text(Python), StringComparison.Ordinal);

    [Fact]
    public void Read_are_libraries_interpreter_and_runner_and_no_home()
    {
        var reads = Text(Python).Split("(allow file-read*")[1].Split("(allow ")[0];
        Assert.All((string[])["/usr/lib", "/opt/homebrew/lib/python3.12", "/private/var/folders/x/runner"], path => Assert.Contains($"(subpath \"{path}\")", reads, StringComparison.Ordinal));
        Assert.DoesNotContain("/Users", reads, StringComparison.Ordinal);
        Assert.DoesNotContain("(subpath \"/\")", reads, StringComparison.Ordinal);
        Assert.DoesNotContain("/etc", reads, StringComparison.Ordinal);
    }

    [Fact]
    public void Signals_go_to_nobody_else() => Assert.Contains("(allow signal\n  (target self))\n", Text(Python), StringComparison.Ordinal);

    [Fact]
    public void No_path_can_say_more_than_a_path() => Gen.String[Gen.Char["a/\\\"() *;#\t\n\0'"], 1, 40].Sample(name =>
    {
        var odd = Node with { Path = "/" + name, Reads = ["/" + name] };
        if (name.Any(char.IsControl))
        {
            Assert.Throws<ArgumentException>(() => Text(odd, mayExecute: true));
            return;
        }

        Assert.Equal(9, Forms(Text(odd, mayExecute: true)));
    });

    [Fact]
    public void Counting_forms_sees_one_that_was_smuggled_in() => Assert.Equal(2, Forms("(allow file-read* (literal \"a\"))\n(allow network*) ; \")\""));

    [Fact]
    public void Python_limits_and_confines_itself_and_node_is_confined_from_outside()
    {
        var limits = LimitPlan.Read(SnippetLanguage.Python, new()).Plan!;
        var (path, arguments) = SeatbeltCommand.For(Python, limits, "/var/r", "/var/s");
        Assert.Equal((Python.Path, "/var/r/seatbelt.py", "/private/var/s", "/var/r/profile.sb"), (path, arguments[^8], arguments[^7], arguments[^6]));
        Assert.Equal(["CPU=5", "FSIZE=16777216", "NOFILE=64", "CORE=0", "MEMLOCK=0"], arguments.TakeLast(5));

        (path, arguments) = SeatbeltCommand.For(Node, limits with { Language = SnippetLanguage.JavaScript }, "/var/r", "/var/s");
        Assert.Equal(("/usr/bin/sandbox-exec", "-p", "(version 1)"), (path, arguments[1], arguments[2].Split('\n')[0]));
        Assert.Equal((Node.Path, "/var/r/runner.js", "/private/var/s"), (arguments[3], arguments[^2], arguments[^1]));
    }

    // Top-level forms of an S-expression: strings and comments hold no parentheses.
    private static int Forms(string text)
    {
        var (forms, depth) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"':
                    for (i++; text[i] != '"'; i++)
                    {
                        i += text[i] == '\\' ? 1 : 0;
                    }

                    break;
                case ';':
                    i = text.IndexOf('\n', i) is >= 0 and var end ? end : text.Length;
                    break;
                case '(':
                    forms += depth++ == 0 ? 1 : 0;
                    break;
                case ')':
                    depth--;
                    break;
            }
        }

        Assert.Equal(0, depth);
        return forms;
    }
}
