using System.Buffers.Binary;
using EdgeCoder.Inference.Local.Client;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Tests.Llama;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Inference.Tests.Local;

/// <summary>Over a hundred damaged files that nobody vouched for: each is opened, or refused with a reason, and the caller lives on.</summary>
public sealed class DamagedModelTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task No_damaged_file_takes_the_caller_down()
    {
        var files = DamagedFiles().ToList();
        Assert.True(files.Count >= 120, $"{files.Count}");
        var (refused, crashed) = (0, 0);
        WorkerProcess? worker = null;
        foreach (var (name, bytes) in files)
        {
            var path = _directory[name + ".gguf"];
            await File.WriteAllBytesAsync(path, bytes, Cancellation);
            worker ??= WorkerProcess.Start(WorkerHost.Options, TimeProvider.System);
            var outcome = await TryAsync(worker.Connection, path);
            Assert.True(outcome is "" or "model_file_invalid" or "worker_gone" or "out_of_memory" or "inference_failed" or "context_length_exceeded", $"{name}: {outcome}");
            refused += outcome.Length > 0 ? 1 : 0;
            if (outcome == "worker_gone")
            {
                // What this is for: the library ended its process, and only its process.
                crashed++;
                await worker.DisposeAsync();
                worker = null;
            }
        }

        if (worker is not null)
        {
            await worker.DisposeAsync();
        }

        TestContext.Current.SendDiagnosticMessage($"{files.Count} files, {refused} refused, {crashed} of these by the end of the worker");

        // Some damage is harmless, such as a flipped bit in a name that nobody reads. Most is not.
        Assert.True(refused > files.Count / 2, $"only {refused} of {files.Count} were refused");
    }

    /// <summary>Empty when the file could be used after all, or the code of the error.</summary>
    private static async Task<string> TryAsync(WorkerConnection connection, string path)
    {
        try
        {
            await connection.AskAsync(id => new() { Id = id, Load = new() { Path = path, ContextSize = 512, Slots = 1 } }, progress: null, Cancellation);
            await connection.AskAsync(id => new() { Id = id, Generate = new() { Prompt = "the return", MaxTokens = 4 } }, progress: null, Cancellation);
            return "";
        }
        catch (ModelException error)
        {
            return error.Code;
        }
    }

    private static IEnumerable<(string Name, byte[] Bytes)> DamagedFiles()
    {
        var whole = new SyntheticModel { Layers = 1, Width = 32, Inner = 64, Heads = 2 }.ToBytes();
        foreach (var keep in new[] { 0, 1, 3, 4, 7, 8, 12, 16, 23, 24 })
        {
            yield return ($"cut-{keep}", whole[..keep]);
        }

        for (var part = 1; part < 40; part++)
        {
            yield return ($"cut-part-{part}", whole[..(whole.Length * part / 40)]);
        }

        // The head of the file says how large everything is; numbers in it at their limits.
        for (var at = 0; at < 24; at += 4)
        {
            foreach (var value in new uint[] { 0, 1, 0x7FFF_FFFF, 0xFFFF_FFFF })
            {
                yield return ($"head-{at}-{value:x}", With(whole, at, value));
            }
        }

        var random = new Random(20);
        for (var i = 0; i < 40; i++)
        {
            var copy = whole.ToArray();
            foreach (var _ in Enumerable.Range(0, 1 + (i / 4)))
            {
                copy[random.Next(24, whole.Length / 4)] = (byte)random.Next(256);
            }

            yield return ($"bytes-{i}", copy);
        }

        foreach (var key in new[] { "llama.block_count", "llama.embedding_length", "llama.attention.head_count", "llama.feed_forward_length", "llama.rope.dimension_count", "llama.context_length" })
        {
            foreach (var value in new[] { 0u, 7u, 0xFFFF_FFFFu })
            {
                var writer = new SyntheticModel { Layers = 1, Width = 32, Inner = 64, Heads = 2 }.Writer();
                writer.Add(key, value);
                using var stream = new MemoryStream();
                writer.Write(stream);
                yield return ($"{key}-{value}", stream.ToArray());
            }
        }

        yield return ("no-tensors", new SyntheticModel { WithTensors = false }.ToBytes());
        yield return ("not-a-model", "MZ this is something else entirely, and long enough to be read as a head"u8.ToArray());
    }

    private static byte[] With(byte[] bytes, int at, uint value)
    {
        var copy = bytes.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(copy.AsSpan(at), value);
        return copy;
    }
}
