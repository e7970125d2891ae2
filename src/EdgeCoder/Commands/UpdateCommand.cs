using System.CommandLine;
using System.Text.Json.Nodes;
using EdgeCoder.Protocol.Releases;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary>
/// <c>edgecoder update</c> (economy-and-ledger 16.4, docs/releases.md): puts an unpacked release in the place of this program, only when it is verified by a key built into this program.
/// A build without keys cannot update itself, whatever it is given.
/// </summary>
internal static class UpdateCommand
{
    /// <summary>The command.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json) => Build(surroundings, json, AppContext.BaseDirectory, ReleaseKeys.BuiltIn);

    /// <summary>The same for another installation with other keys.</summary>
    internal static Command Build(Surroundings surroundings, Option<bool> json, string installation, ReleaseKeys keys)
    {
        var folder = new Argument<string>("folder") { Description = "The unpacked release." };
        var command = new Command("update", "Replace this program by a signed release (docs/releases.md). No network is used.") { folder };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            _ => Task.FromResult(Install(surroundings, Path.GetFullPath(arguments.GetValue(folder)!, surroundings.Directory), installation.TrimEnd(Path.DirectorySeparatorChar), keys, arguments.GetValue(json))),
            cancellationToken));
        return command;
    }

    // 1. Keys. 2. A copy beside the installation. 3. The copy is checked, not what was copied: that may change meanwhile. 4. Two renames; the old program stays as .previous.
    private static ExitCode Install(Surroundings surroundings, string source, string installation, ReleaseKeys keys, bool json)
    {
        var active = keys.ActiveAt(surroundings.Time.GetUtcNow().ToUnixTimeMilliseconds());
        if (active.Count == 0)
        {
            throw new UsageException("no_active_release_keys", "This program was built without release keys in force, so it cannot update itself.", "Update it the way it was installed: build the sources again, or install a release that was built with keys.");
        }

        if (!Directory.Exists(source))
        {
            throw new UsageException("folder_missing", $"There is no folder {source}.");
        }

        var (fresh, previous) = (installation + ".new", installation + ".previous");
        Remove(fresh);
        try
        {
            Copy(new(source), fresh);
            var (standing, manifest) = ReleaseFolder.Check(fresh, active);
            if (!standing.IsVerified)
            {
                throw new UsageException("release_not_verified", $"That is no verified release ({standing}). Nothing was changed.") { Exit = ExitCode.Failed };
            }

            RefuseOlder(installation, manifest);
            Exchange(installation, fresh, previous);
            if (json)
            {
                surroundings.Output.WriteLine(new JsonObject { ["ok"] = true, ["version"] = manifest.Version, ["previous"] = previous }.ToJsonString());
            }
            else
            {
                surroundings.Console.WriteLine(SafeText.ForTerminal($"Release {manifest.Version} is installed. The program before it is in {previous}. Start workers and services again."));
            }

            return ExitCode.Success;
        }
        catch (ReleaseException fault)
        {
            throw new UsageException("release_not_verified", $"That is no verified release ({fault.Reason}): {fault.Message} Nothing was changed.") { Exit = ExitCode.Failed };
        }
        finally
        {
            Remove(fresh);
        }
    }

    // A release that was signed once stays signed: an old one with a known fault must not come back as an update.
    private static void RefuseOlder(string installation, ReleaseManifest manifest)
    {
        var file = Path.Combine(installation, ReleaseManifest.FileName);
        if (File.Exists(file) && ReleaseManifest.Read(File.ReadAllBytes(file)) is { } own && manifest.Timestamp < own.Timestamp)
        {
            throw new UsageException("release_older", $"Release {manifest.Version} is older than the one that is installed, {own.Version}. Nothing was changed.") { Exit = ExitCode.Failed };
        }
    }

    private static void Exchange(string installation, string fresh, string previous)
    {
        Remove(previous);
        Directory.Move(installation, previous);
        try
        {
            Directory.Move(fresh, installation);
        }
        catch (IOException)
        {
            Directory.Move(previous, installation);
            throw;
        }
    }

    private static void Copy(DirectoryInfo source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var entry in source.EnumerateFileSystemInfos())
        {
            if (entry.LinkTarget is not null)
            {
                throw new ReleaseException("link_in_tree", $"{entry.Name} is a link; a release has none.");
            }

            if (entry is DirectoryInfo inner)
            {
                Copy(inner, Path.Combine(target, entry.Name));
            }
            else
            {
                ((FileInfo)entry).CopyTo(Path.Combine(target, entry.Name));
            }
        }
    }

    private static void Remove(string directory)
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
