using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Coordination;
using EdgeCoder.Ledger.Blacklists;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Rotations;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder verify blacklist</c> (economy-and-ledger 14): walks every chain of an audit, from files and without network, or fetched.</summary>
internal static class VerifyBlacklistCommand
{
    private const long MostBytes = 256L << 20;

    /// <summary>The command.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json)
    {
        var audit = new Argument<string?>("audit") { Description = "Answer of GET /security/blacklist/audit; left out, it is fetched.", Arity = ArgumentArity.ZeroOrOne };
        var identity = new Option<string?>("--identity") { Description = "Answer of GET /identity of the coordinator whose audit it is: its id and its key. Left out, it is fetched with the audit." };
        var peers = new Option<string?>("--peers") { Description = "Answer of GET /mesh/peers: keys of the other sources." };
        var command = new Command(
            "blacklist",
            "Check the chains of a blacklist (docs/security/blacklist.md). With a file no network is used; without one it is fetched from COORDINATOR_URL, or CONTROL_PLANE_URL where that is set. Exit code: 0 right; 1 wrong, with the code of the reason on standard error.") { audit, identity, peers };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                var material = arguments.GetValue(audit) is { } file
                    ? new Material(ReadBytes(surroundings, file), ReadNode(surroundings, arguments.GetValue(identity) ?? throw new UsageException("identity_missing", "An audit from a file needs the key of its coordinator.", "Give the answer of GET /identity with --identity.")), null)
                    : await FetchAsync(surroundings, arguments.GetValue(identity), cancellation);
                return Check(surroundings, arguments.GetValue(peers) is { } others ? material with { Peers = ReadNode(surroundings, others) ?? JsonValue.Create("none") } : material, arguments.GetValue(json));
            },
            cancellationToken));
        return command;
    }

    private static ExitCode Check(Surroundings surroundings, Material material, bool json)
    {
        var (keys, chains) = (new Dictionary<string, VerifyingKey>(StringComparer.Ordinal), new Dictionary<string, KeyChain>(StringComparer.Ordinal));
        var finding = material is { Audit: { } audit, Identity: { } own } && Learn(keys, chains, own) is { } ownId && (material.Peers is null || LearnAll(keys, chains, material.Peers))
            ? BlacklistVerifier.Check(audit, ownId, keys, chains)
            : new(BlacklistFault.RequestFailed, 0, null, null);
        if (finding.Fault is { } fault)
        {
            var code = JsonNamingPolicy.SnakeCaseLower.ConvertName(fault.ToString());
            surroundings.Error.WriteLine(new JsonObject { ["ok"] = false, ["error"] = code, ["eventsVerified"] = finding.EventsVerified, ["where"] = finding.Where }.ToJsonString());
            return ExitCode.Failed;
        }

        if (json)
        {
            surroundings.Output.WriteLine(new JsonObject { ["ok"] = true, ["eventsVerified"] = finding.EventsVerified, ["chainHead"] = finding.ChainHead }.ToJsonString());
        }
        else
        {
            surroundings.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Right: {finding.EventsVerified} events, chain head {SafeText.ForTerminal(finding.ChainHead ?? "none")}."));
        }

        return ExitCode.Success;
    }

    // 1. the audit, as an operator; 2. the key, unless the caller brings it; 3. the keys of peers, where there is a token for them and the coordinator has peers.
    private static async Task<Material> FetchAsync(Surroundings surroundings, string? identity, CancellationToken cancellationToken)
    {
        try
        {
            // 1.
            var access = Access.Read(surroundings);
            using var coordinator = new CoordinatorApi(access);
            using var controlPlane = surroundings.Environment("CONTROL_PLANE_URL")?.Trim() is { Length: > 0 } named ? new CoordinatorApi(Access.For(surroundings, named)) : null;
            var audit = Encoding.UTF8.GetBytes(await (controlPlane ?? coordinator).GetTextAsync("security/blacklist/audit", asOperator: true, cancellationToken));

            // 2.
            var own = identity is null ? JsonNode.Parse(await coordinator.GetTextAsync("identity", asOperator: true, cancellationToken)) : ReadNode(surroundings, identity);

            // 3.
            return new(audit, own, await PeersAsync(surroundings, access.CoordinatorUrl, cancellationToken));
        }
        catch (Exception fault) when (fault is CoordinatorException or HttpRequestException or JsonException)
        {
            return new(null, null, null);
        }
    }

    private static async Task<JsonNode?> PeersAsync(Surroundings surroundings, string coordinator, CancellationToken cancellationToken)
    {
        if (surroundings.Environment("MESH_AUTH_TOKEN")?.Trim() is not { Length: > 0 } token)
        {
            return null;
        }

        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { MaxResponseContentBufferSize = MostBytes };
        using var request = new HttpRequestMessage(HttpMethod.Get, coordinator + "/mesh/peers");
        request.Headers.TryAddWithoutValidation("x-mesh-token", token);
        using var answer = await http.SendAsync(request, cancellationToken);
        return answer.StatusCode is HttpStatusCode.NotFound ? null : JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken));
    }

    private static bool LearnAll(Dictionary<string, VerifyingKey> keys, Dictionary<string, KeyChain> chains, JsonNode? answer)
    {
        if (((answer as JsonObject)?["peers"] ?? answer) is not JsonArray peers)
        {
            return false;
        }

        foreach (var peer in peers)
        {
            Learn(keys, chains, peer);
        }

        return true;
    }

    // A key that is told twice in different ways is none: the first stays.
    private static string? Learn(Dictionary<string, VerifyingKey> keys, Dictionary<string, KeyChain> chains, JsonNode? node)
    {
        if (node is not JsonObject said || Text(said, "peerId") is not { Length: > 0 } id || !VerifyingKey.TryParse(Text(said, "publicKeyPem"), out var key) || !keys.TryAdd(id, key))
        {
            return null;
        }

        // Its earlier keys, for what they signed in their time. Statements that do not lead to this key say nothing.
        if (said["rotations"] is JsonArray rotations && rotations.All(one => one is JsonValue value && value.TryGetValue<string>(out _))
            && KeyChain.TryRead(id, [.. rotations.Select(one => one!.GetValue<string>())], out var chain) is null && chain!.Of(key) is not null)
        {
            chains[id] = chain;
        }

        return id;
    }

    private static string? Text(JsonObject said, string member) => said[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static JsonNode? ReadNode(Surroundings surroundings, string path)
    {
        try
        {
            return ReadBytes(surroundings, path) is { } bytes ? JsonNode.Parse(bytes) : null;
        }
        catch (Exception fault) when (fault is JsonException or ArgumentException)
        {
            return null;
        }
    }

    private static byte[]? ReadBytes(Surroundings surroundings, string path)
    {
        var full = Path.GetFullPath(path, surroundings.Directory);
        return File.Exists(full) && new FileInfo(full).Length <= MostBytes ? File.ReadAllBytes(full) : null;
    }

    private sealed record Material(byte[]? Audit, JsonNode? Identity, JsonNode? Peers);
}
