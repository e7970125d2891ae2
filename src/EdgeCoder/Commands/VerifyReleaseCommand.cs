using System.CommandLine;
using System.Text.Json.Nodes;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Releases;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder verify release</c> (docs/releases.md): whether a folder holds a release that was signed, file for file. No network is used.</summary>
internal static class VerifyReleaseCommand
{
    /// <summary>The command.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json)
    {
        var folder = new Argument<string>("folder") { Description = "The unpacked release, with release-manifest.json and its .sig at the root." };
        var artifacts = new Option<string[]>("--artifact", "-a") { Description = "A downloaded file that the manifest is to name. May be given again." };
        var keys = new Option<string[]>("--key", "-k") { Description = "File with a release key (SPKI PEM) that you trust, instead of those built into this program. May be given again." };
        var command = new Command("release", "Check a release of the program. Exit code: 0 signed by a key in force; 1 wrong, with the reason; 2 it fits itself, and there is no key to check it with.") { folder, artifacts, keys };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            _ => Task.FromResult(Check(surroundings, arguments.GetValue(folder)!, arguments.GetValue(artifacts) ?? [], arguments.GetValue(keys) ?? [], arguments.GetValue(json))),
            cancellationToken));
        return command;
    }

    private static ExitCode Check(Surroundings surroundings, string folder, string[] artifacts, string[] keyFiles, bool json)
    {
        var path = Path.GetFullPath(folder, surroundings.Directory);
        if (!Directory.Exists(path))
        {
            throw new UsageException("folder_missing", $"There is no folder {path}.");
        }

        var keys = keyFiles.Length > 0 ? [.. keyFiles.Select(file => Key(surroundings, file))] : ReleaseKeys.BuiltIn.ActiveAt(surroundings.Time.GetUtcNow().ToUnixTimeMilliseconds());
        try
        {
            var (standing, manifest) = ReleaseFolder.Check(path, keys);
            var wrong = standing.IsVerified ? artifacts.FirstOrDefault(file => !ReleaseFolder.IsArtifact(manifest, Path.GetFullPath(file, surroundings.Directory))) : null;
            var reason = wrong is not null ? "artifact_mismatch" : standing.IsVerified ? null : standing.Reason ?? standing.Status;
            return Say(surroundings, json, wrong is null ? standing.Status : "hash_mismatch", reason, manifest.Version, wrong);
        }
        catch (ReleaseException fault)
        {
            return Say(surroundings, json, "unverified", fault.Reason, null, null);
        }
        catch (FileNotFoundException fault)
        {
            throw new UsageException("file_missing", fault.Message);
        }
    }

    private static ExitCode Say(Surroundings surroundings, bool json, string status, string? reason, string? version, string? artifact)
    {
        if (json)
        {
            var said = new JsonObject { ["ok"] = reason is null, ["status"] = status };
            foreach (var (name, value) in new[] { ("reason", reason), ("version", version), ("artifact", artifact) })
            {
                if (value is not null)
                {
                    said[name] = value;
                }
            }

            surroundings.Output.WriteLine(said.ToJsonString());
        }
        else
        {
            surroundings.Console.WriteLine(SafeText.ForTerminal(reason is null
                ? $"Verified: release {version}, signed by a key in force, every file as it was signed."
                : $"Not verified ({reason}){(version is null ? "" : $", release {version}")}: {Words(reason, artifact)}"));
        }

        return reason switch
        {
            null => ExitCode.Success,
            "no_active_release_keys" => ExitCode.Usage,
            _ => ExitCode.Failed,
        };
    }

    private static string Words(string reason, string? artifact) => reason switch
    {
        "no_active_release_keys" => "this program was built without release keys. Give the key of those who release with --key.",
        "no_signature_provided" => $"there is no {ReleaseManifest.SignatureFileName}.",
        "signature_mismatch" => "no key in force signed these bytes of the manifest.",
        "hash_mismatch" => "the files are not those that were signed.",
        "artifact_mismatch" => $"{artifact} is not one of the downloads that were signed.",
        "link_in_tree" => "there is a link in it; a release has none.",
        "manifest_missing" => $"there is no {ReleaseManifest.FileName}.",
        _ => $"{ReleaseManifest.FileName} is no manifest of a release.",
    };

    private static VerifyingKey Key(Surroundings surroundings, string file)
    {
        var path = Path.GetFullPath(file, surroundings.Directory);
        return !File.Exists(path) ? throw new UsageException("file_missing", $"There is no file {path}.")
            : VerifyingKey.TryParse(File.ReadAllText(path), out var key) ? key
            : throw new UsageException("key_invalid", $"{path} holds no Ed25519 key as SPKI PEM.");
    }
}
