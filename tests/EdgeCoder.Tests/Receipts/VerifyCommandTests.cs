using System.Text.Json;
using EdgeCoder.Commands;
using EdgeCoder.Ledger;
using EdgeCoder.Ledger.Tests.Logs;
using EdgeCoder.Ledger.Tests.Receipts;
using EdgeCoder.TestKit.Files;
using Spectre.Console.Testing;

namespace EdgeCoder.Tests.Receipts;

/// <summary><c>edgecoder verify</c> and <c>edgecoder ledger verify</c>: words, JSON and exit codes.</summary>
public sealed class VerifyCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private TestConsole _console = new();
    private readonly StringWriter _output = new();

    public void Dispose()
    {
        _directory.Dispose();
        _console.Dispose();
        _output.Dispose();
    }

    [Theory]
    [InlineData("verify", "receipt")]
    [InlineData("verify", null)]
    public async Task A_receipt_is_proven_and_shown(string command, string? part)
    {
        string[] words = [command, .. part is null ? (string[])[] : [part], Receipt("version 1"), "--trust", _directory.Write("trust.txt", SampleReceipt.Trust)];
        Assert.Equal(0, await RunAsync(words));
        Assert.Contains("Proven.", _console.Output, StringComparison.Ordinal);
        Assert.Contains("priceMc          12345", _console.Output, StringComparison.Ordinal);
        Assert.Contains("cosignatures", _console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_trusted_key_it_says_so()
    {
        Assert.Equal(2, await RunAsync("verify", Receipt("version 1")));
        Assert.Contains("--trust", _console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_receipt_says_why()
    {
        Assert.Equal(1, await RunAsync("verify", "receipt", Receipt("proof"), "--trust", _directory.Write("trust.txt", SampleReceipt.Trust)));
        Assert.Contains("inclusion_proof_invalid", _console.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Proven", _console.Output, StringComparison.Ordinal);
        Assert.Equal(1, await RunAsync("verify", Receipt("body"), "--trust", _directory["trust.txt"], "--json"));
        using var said = JsonDocument.Parse(_output.ToString());
        Assert.Equal(("hash_mismatch", false), (said.RootElement.GetProperty("reason").GetString(), said.RootElement.GetProperty("ok").GetBoolean()));
    }

    [Fact]
    public async Task Text_of_a_receipt_gives_the_terminal_no_commands()
    {
        var receipt = SampleReceipt.Valid;
        using var key = EdgeCoder.Protocol.Keys.SigningKey.Generate();
        var leaf = Ledger.Records.RecordLeaf.Sign(Ledger.Tests.Records.SpecificationLog.Leaves[2].Record with { ActorId = "\u001b[2Jgone" }, key);
        await RunAsync("verify", _directory.Write("receipt.json", JsonSerializer.Serialize(receipt with { Leaf = Convert.ToBase64String(leaf.Bytes) }, LedgerJson.Default.ReceiptFile)));
        Assert.DoesNotContain("\u001b", _console.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("verify", "none.json")]
    [InlineData("ledger", "verify", "none")]
    [InlineData("verify", "none.json", "--trust", "what")]
    public async Task What_is_not_there_is_a_wrong_command(params string[] words) => Assert.Equal(2, await RunAsync(words));

    [Fact]
    public async Task A_log_is_proven_and_a_change_of_it_located()
    {
        using var log = SampleLog.Of(300);
        var key = log.Trust.Keys[0].ToString();
        Assert.Equal(0, await RunAsync("ledger", "verify", log.Directory, "--trust", key));
        Assert.Contains("300 records", _console.Output, StringComparison.Ordinal);
        Assert.Equal(2, await RunAsync("verify", log.Directory));
        var bundle = Path.Combine(log.Directory, "tile", "entries", "000");
        var bytes = await File.ReadAllBytesAsync(bundle, TestContext.Current.CancellationToken);
        bytes[^30] ^= 1;
        await File.WriteAllBytesAsync(bundle, bytes, TestContext.Current.CancellationToken);
        Assert.Equal(1, await RunAsync("verify", "ledger", log.Directory, "--trust", key));
        Assert.Contains("tile/entries/000, record 256. Right up to record 255.", _console.Output, StringComparison.Ordinal);
    }

    private string Receipt(string change) =>
        _directory.Write("receipt.json", JsonSerializer.Serialize(change == "version 1" ? SampleReceipt.Valid : SampleReceipt.With(change), LedgerJson.Default.ReceiptFile));

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
