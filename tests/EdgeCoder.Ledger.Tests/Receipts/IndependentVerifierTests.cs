using System.Text.Json;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Tests.Records;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.Ledger.Tests.Receipts;

/// <summary>A second verifier in another language, which shares nothing with this one, says the same of the same receipts.</summary>
public sealed class IndependentVerifierTests
{
    [Fact]
    public async Task It_accepts_what_we_accept() => Assert.Equal("ok", await AskAsync(SampleReceipt.Valid));

    [Theory]
    [MemberData(nameof(ReceiptTests.Changes), MemberType = typeof(ReceiptTests))]
    public async Task It_names_the_same_fault(string what, LedgerFault reason)
    {
        // Version and type are the file's; the other verifier looks at what is proven.
        var expected = what is "version" or "type" ? "ok" : JsonSerializer.Serialize(reason).Trim('"');
        Assert.Equal(expected, await AskAsync(SampleReceipt.With(what)));
    }

    private static async Task<string> AskAsync(ReceiptFile receipt)
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("receipt.json", JsonSerializer.Serialize(receipt, LedgerJson.Default.ReceiptFile));
        var keys = directory.Write("trust.txt", SampleReceipt.Trust);
        var result = await ProgramRun.ToEndAsync(
            "python3",
            ["-I", Path.Combine(AppContext.BaseDirectory, "Receipts", "verify.py"), file, keys],
            new Dictionary<string, string> { ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin" });
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output.Trim();
    }
}
