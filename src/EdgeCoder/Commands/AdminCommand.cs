using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Settings;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Roles;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder admin</c>: what only the console of the portal's machine may do.</summary>
internal static class AdminCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json) => new("admin", "Operate the portal from the console of its machine (docs/portal.md).") { Create(surroundings, json) };

    private static Command Create(Surroundings surroundings, Option<bool> json)
    {
        var command = new Command("create", "Make a new link for the portal's first administrator. It works once, for 30 minutes; earlier ones stop.");
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                var link = await LinkAsync(surroundings, cancellation)
                    ?? throw new UsageException("administrator_exists", "The portal has an administrator already.", "Ask that person for the role.") { Exit = ExitCode.Refused };
                if (arguments.GetValue(json))
                {
                    await surroundings.Output.WriteLineAsync(new JsonObject { ["firstAdministrator"] = link.AbsoluteUri }.ToJsonString(JsonSerializerOptions.Default));
                    return ExitCode.Success;
                }

                surroundings.Console.WriteLine("Open once, within 30 minutes, while the portal runs (edgecoder up):");
                surroundings.Console.WriteLine();
                surroundings.Console.WriteLine("  " + link.AbsoluteUri);
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static async Task<Uri?> LinkAsync(Surroundings surroundings, CancellationToken cancellationToken)
    {
        var reader = new SettingsReader(surroundings.Environment);
        var settings = PortalSettings.Read(reader, RoleSettings.PortalDirectory(surroundings.Directories()));
        if (reader.Faults.Count > 0)
        {
            throw new UsageException("invalid_settings", string.Join(Environment.NewLine, reader.Faults), "Give this command the settings of the portal.") { Exit = ExitCode.Failed };
        }

        try
        {
            return await PortalConsole.FirstAdministratorLinkAsync(settings, surroundings.Time, cancellationToken);
        }
        catch (StoreRefusedException fault)
        {
            throw new UsageException("store_refused", fault.Message);
        }
    }
}
