using System.Text;
using CsCheck;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Tests.Providers;

public sealed class ErrorRecordStreamTests
{
    private static string ReadAll(string text, int pieceBytes)
    {
        using var stream = new ErrorRecordStream(new MemoryStream(Encoding.UTF8.GetBytes(text)), CancellationToken.None);
        var read = new MemoryStream();
        var piece = new byte[pieceBytes];
        int count;
        while ((count = stream.Read(piece, 0, piece.Length)) > 0)
        {
            read.Write(piece, 0, count);
        }

        return Encoding.UTF8.GetString(read.ToArray());
    }

    [Fact]
    public void Text_without_an_error_record_passes_unchanged_in_any_pieces() =>
        Gen.Select(Gen.String, Gen.Int[1, 9]).Where((text, _) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text)
            .Sample((text, size) => ReadAll("data: {\"a\":\"{\\\"error\\\"\"}\n" + text, size) == "data: {\"a\":\"{\\\"error\\\"\"}\n" + text);

    [Theory]
    [InlineData("{\"x\":1}\n{\"error\":\"gone\"}\n")]
    [InlineData("{\"x\":1}\n{\"error\":\"gone\"}")]
    [InlineData("data: {\"x\":1}\r\n\r\ndata: {\"error\":{\"message\":\"gone\",\"code\":500}}\r\n\r\n")]
    [InlineData("data:{\"error\":{\"message\":\"gone\"}}\n\n")]
    public void Error_record_is_thrown_however_it_is_split(string text)
    {
        for (var size = 1; size < 40; size += 3)
        {
            var e = Assert.Throws<ModelException>(() => ReadAll(text, size));
            Assert.Contains("gone", e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_without_a_token_ends_with_the_call(bool synchronous)
    {
        using var call = new CancellationTokenSource();
        using var stream = new ErrorRecordStream(new SilentStream(call.Cancel), call.Token);

        var read = synchronous
            ? Task.Run(() => stream.Read(new byte[10], 0, 10))
            : stream.ReadAsync(new byte[10], 0, 10, CancellationToken.None);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    /// <summary>A connection whose other side says nothing; <paramref name="waiting"/> is told when somebody reads.</summary>
    private sealed class SilentStream(Action waiting) : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var never = new TaskCompletionSource<int>();
            var read = never.Task.WaitAsync(cancellationToken);
            waiting();
            return await read;
        }
    }
}
