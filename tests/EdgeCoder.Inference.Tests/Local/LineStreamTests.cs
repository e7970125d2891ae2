using System.Text;
using CsCheck;
using EdgeCoder.Inference.Local.Worker;

namespace EdgeCoder.Inference.Tests.Local;

public sealed class LineStreamTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Any_text_arrives_as_it_was_sent() =>
        await Gen.String.Where(text => !text.Any(char.IsSurrogate)).List[1, 5].SampleAsync(async texts =>
        {
            using var stream = new MemoryStream();
            await using (var writer = new LineStream(Stream.Null, stream))
            {
                foreach (var text in texts)
                {
                    await writer.WriteAsync(new() { Id = 1, Count = text }, WorkerJson.Default.WorkerRequest, Cancellation);
                }
            }

            stream.Position = 0;
            await using var reader = new LineStream(stream, Stream.Null);
            foreach (var text in texts)
            {
                Assert.Equal(text, (await reader.ReadAsync(WorkerJson.Default.WorkerRequest, Cancellation))!.Count);
            }

            Assert.Null(await reader.ReadAsync(WorkerJson.Default.WorkerRequest, Cancellation));
        }, iter: 50);

    [Fact]
    public async Task Line_that_was_cut_off_is_the_end()
    {
        await using var reader = Reader("{\"id\":1,\"count\":\"x\"}");
        Assert.Null(await reader.ReadAsync(WorkerJson.Default.WorkerRequest, Cancellation));
    }

    [Theory]
    [InlineData("null\n")]
    [InlineData("{\"id\":\"one\"}\n")]
    [InlineData("{}\n")]
    [InlineData("\n")]
    public async Task Line_of_another_kind_is_refused(string line)
    {
        await using var reader = Reader(line);
        await Assert.ThrowsAsync<InvalidDataException>(async () => await reader.ReadAsync(WorkerJson.Default.WorkerRequest, Cancellation));
    }

    private static LineStream Reader(string text) => new(new MemoryStream(Encoding.UTF8.GetBytes(text)), Stream.Null);
}
