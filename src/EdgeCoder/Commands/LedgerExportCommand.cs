using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Coordination;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Tiles;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary>
/// <c>edgecoder ledger export</c>: writes the whole log of a running coordinator as files for <c>edgecoder ledger verify</c>. The tiles are made here of the exact
/// leaves that come, so the folder says nothing that the leaves do not; the checkpoint is the last file.
/// </summary>
internal static class LedgerExportCommand
{
    private const int Page = 500;

    /// <summary>The command.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json)
    {
        var folder = new Argument<string>("folder") { Description = "A folder that is empty or not there yet." };
        var cosigned = new Option<bool>("--cosigned") { Description = "Up to the newest checkpoint that a majority of coordinator and peers has signed, not the newest of all." };
        var command = new Command("export", "Write the whole log of the coordinator into a folder, for operators. Check it with edgecoder ledger verify.") { folder, cosigned };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                var path = Path.GetFullPath(arguments.GetValue(folder)!, surroundings.Directory);
                if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
                {
                    throw new UsageException("output_exists", $"{path} is there already and not empty.", "Name a new folder.");
                }

                using var api = CoordinatorApi.Open(surroundings);
                using var progress = surroundings.Progress(arguments.GetValue(json) || !surroundings.Interactive);
                var checkpoint = await ExportAsync(api, arguments.GetValue(cosigned) ? "ledger/checkpoint?final=soft" : "ledger/checkpoint", new(path), count => progress.Show(string.Create(CultureInfo.InvariantCulture, $"fetched {count:N0} records")), cancellation);
                progress.Clear();
                if (arguments.GetValue(json))
                {
                    surroundings.Output.WriteLine(new JsonObject { ["origin"] = checkpoint.Origin, ["size"] = checkpoint.Size, ["checkpointHash"] = checkpoint.Hash, ["folder"] = path }.ToJsonString());
                }
                else
                {
                    surroundings.Console.WriteLine(SafeText.ForTerminal(string.Create(
                        CultureInfo.InvariantCulture, $"{checkpoint.Size:N0} records of {checkpoint.Origin} in {path}. Check them: edgecoder ledger verify {arguments.GetValue(folder)} --trust KEY")));
                }

                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static async Task<Checkpoint> ExportAsync(CoordinatorApi api, string from, TileFolder folder, Action<long> tell, CancellationToken cancellationToken)
    {
        var text = await api.GetTextAsync(from, asOperator: true, cancellationToken);
        if (!SignedNote.TryParse(text, out var note) || !Checkpoint.TryParse(note.Text, out var checkpoint))
        {
            throw new CoordinatorException("checkpoint_invalid", "What the coordinator gives as its checkpoint is none.", null, ExitCode.Failed);
        }

        var tiles = TileWriter.Open(folder, 0, durable: false);
        while (tiles.Size < checkpoint.Size)
        {
            var most = Math.Min(Page, checkpoint.Size - tiles.Size);
            var page = JsonNode.Parse(await api.GetTextAsync(string.Create(CultureInfo.InvariantCulture, $"ledger/snapshot?from={tiles.Size + 1}&limit={most}"), asOperator: true, cancellationToken))!;
            var leaves = page["records"]!.AsArray().Select(record => Convert.FromBase64String((string)record!["leaf"]!)).ToList();
            if (leaves.Count == 0)
            {
                throw new CoordinatorException("log_short", "The coordinator gives fewer records than its checkpoint names.", null, ExitCode.Failed);
            }

            tiles.Append(leaves);
            tell(tiles.Size);
        }

        if (!tiles.Root.AsSpan().SequenceEqual(checkpoint.Root))
        {
            throw new CoordinatorException("root_mismatch", "The records that came are not those of the checkpoint. The folder is left without one.", null, ExitCode.Failed);
        }

        folder.Write(TileFolder.CheckpointPath, Encoding.UTF8.GetBytes(text), durable: true);
        return checkpoint;
    }
}
