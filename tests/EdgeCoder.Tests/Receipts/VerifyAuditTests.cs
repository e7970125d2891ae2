using System.Text;
using System.Text.Json;
using EdgeCoder.Commands;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Tests.Logs;
using EdgeCoder.Protocol.OperatorAudit;
using EdgeCoder.TestKit.Files;
using Spectre.Console.Testing;

namespace EdgeCoder.Tests.Receipts;

/// <summary><c>edgecoder verify audit</c>: words, JSON, exit codes, and heads in a coordinator's log.</summary>
public sealed class VerifyAuditTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly StringWriter _output = new();
    private TestConsole _console = new();

    public void Dispose()
    {
        _directory.Dispose();
        _console.Dispose();
        _output.Dispose();
    }

    [Fact]
    public async Task A_dump_that_fits_itself_says_what_that_is_worth()
    {
        Assert.Equal(0, await RunAsync("verify", "audit", Write(Dump("ann")).File));
        Assert.Contains("It fits itself: 20 rows", _console.Output, StringComparison.Ordinal);
        Assert.Contains("--log", _console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_wrong_row_is_named()
    {
        var file = Write(Dump("ann")).File;
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Replace("user:u7\"", "user:u8\"", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        Assert.Equal(1, await RunAsync("verify", "audit", file));
        Assert.Contains("(hash_mismatch), row 7, line 8. 6 rows before it are right.", _console.Output, StringComparison.Ordinal);
        Assert.Equal(1, await RunAsync("verify", "audit", file, "--json"));
        using var said = JsonDocument.Parse(_output.ToString());
        Assert.Equal((false, "hash_mismatch", 7), (said.RootElement.GetProperty("ok").GetBoolean(), said.RootElement.GetProperty("reason").GetString(), said.RootElement.GetProperty("row").GetInt32()));
    }

    [Fact]
    public async Task A_chain_made_anew_shows_against_the_coordinators_log()
    {
        var (file, hashes) = Write(Dump("ann"));
        using var log = new SampleLog { Says = at => at is 10 or 40 ? (RecordTypes.AuditHead, JsonElement.Parse($$"""{"hash":"{{hashes[at == 10 ? 4 : 14]}}","seq":{{(at == 10 ? 5 : 15)}}}""")) : null };
        log.Append(50);
        string[] against = ["--log", log.Directory, "--trust", log.Trust.Keys[0].ToString()];
        Assert.Equal(0, await RunAsync(["verify", "audit", file, .. against]));
        Assert.Contains("2 heads in the coordinator's log agree, up to row 15", _console.Output, StringComparison.Ordinal);

        Assert.Equal(1, await RunAsync(["verify", "audit", Write(Dump("mallory")).File, .. against]));
        Assert.Contains("logged_head_differs", _console.Output, StringComparison.Ordinal);
        Assert.Equal(1, await RunAsync(["verify", "audit", Write(Dump("ann", 12)).File, .. against]));
        Assert.Contains("logged_head_missing", _console.Output, StringComparison.Ordinal);
        Assert.Equal(2, await RunAsync("verify", "audit", file, "--log", log.Directory));
    }

    [Fact]
    public async Task A_log_without_heads_proves_nothing()
    {
        using var log = SampleLog.Of(3);
        Assert.Equal(1, await RunAsync("verify", "audit", Write(Dump("ann")).File, "--log", log.Directory, "--trust", log.Trust.Keys[0].ToString()));
    }

    private static List<AuditLine> Dump(string who, int rows = 20)
    {
        var (lines, last) = (new List<AuditLine>(), AuditLine.Genesis);
        for (var seq = 1; seq <= rows; seq++)
        {
            lines.Add(new() { Seq = seq, AtMs = 1_800_000_000_000 + seq, Actor = "user:" + who, Via = "session", Action = "role.granted", Target = $"user:u{seq}", PrevHash = last });
            last = lines[^1].ComputeHash();
        }

        return lines;
    }

    private (string File, List<string> Hashes) Write(List<AuditLine> lines)
    {
        List<string> hashes = [.. lines.Select(line => line.ComputeHash())];
        var text = Encoding.UTF8.GetString(AuditDump.Header(lines.Count, hashes[^1])) + "\n" + string.Concat(lines.Zip(hashes, (line, hash) => Encoding.UTF8.GetString(line.Write(hash)) + "\n"));
        return (_directory.Write($"{Guid.NewGuid():N}.jsonl", text), hashes);
    }

    private Task<int> RunAsync(params string[] words)
    {
        _console.Dispose();
        _console = new TestConsole().Width(400);
        return CommandLine.RunAsync(
            words,
            new()
            {
                Console = _console,
                ErrorConsole = _console,
                Output = _output,
                Error = _output,
                Input = () => Stream.Null,
                InputRedirected = true,
                Terminals = (false, false),
                Environment = _ => null,
                Time = TimeProvider.System,
                Interactive = false,
                Directory = _directory.Path,
                Person = new(false, () => null, () => { }),
                Width = () => 80,
            },
            TestContext.Current.CancellationToken);
    }
}
