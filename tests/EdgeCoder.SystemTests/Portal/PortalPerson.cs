using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeCoder.SystemTests.Coordination;

namespace EdgeCoder.SystemTests.Portal;

/// <summary>Somebody who uses a running portal as a program does.</summary>
internal sealed partial class PortalPerson : IDisposable
{
    private const string Password = "brave otter harbour";

    private readonly HttpClient _http;

    private PortalPerson(HttpClient http) => _http = http;

    /// <summary>The first administrator, with the link that <c>edgecoder up</c> said.</summary>
    public static async Task<PortalPerson> FirstAdministratorAsync(RunningCoordinator up, CancellationToken cancellationToken)
    {
        var person = new PortalPerson(new(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new(up.Ready.GetProperty("roles").GetProperty("portal").GetString()!) });
        var code = Code().Match(up.Ready.GetProperty("firstAdministrator").GetString()!).Groups[1].Value;
        await person.DoAsync("/setup", new { code, email = "root@example.org", password = Password }, cancellationToken);
        var signedIn = await person.DoAsync("/auth/login", new { email = "root@example.org", password = Password }, cancellationToken);
        person._http.DefaultRequestHeaders.Authorization = new("Bearer", signedIn.GetProperty("sessionToken").GetString());
        return person;
    }

    /// <summary>Posts, which must succeed.</summary>
    public async Task<JsonElement> DoAsync(string path, object body, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsJsonAsync(path, body, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {text}");
        return JsonElement.Parse(text);
    }

    /// <summary>Reads, again and again until it is there.</summary>
    public async Task<JsonElement> AwaitAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
            if (answer.IsSuccessStatusCode)
            {
                return JsonElement.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
            }
        }
    }

    /// <summary>Credits of the operator of a coordinator.</summary>
    public async Task GetsCreditsAsync(RunningCoordinator up, int credits, CancellationToken cancellationToken)
    {
        var account = (await AwaitAsync("/portal/api/credits", cancellationToken)).GetProperty("accountId").GetString();
        var access = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(up.Run.DataDirectory, "access.json"), cancellationToken));
        using var http = new HttpClient { BaseAddress = up.Url };
        http.DefaultRequestHeaders.Add("x-admin-token", access.GetProperty("adminToken").GetString());
        using var answer = await http.PostAsJsonAsync($"/credits/{account}/adjust", new { transferId = new string('c', 32), credits, direction = "in", reason = "credits for a test" }, cancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>Own node.</summary>
    public async Task<JsonElement> NodeAsync(string nodeId, CancellationToken cancellationToken)
    {
        var nodes = JsonElement.Parse(await _http.GetStringAsync(new Uri("/nodes/me", UriKind.Relative), cancellationToken)).GetProperty("nodes");
        return nodes.EnumerateArray().Single(node => node.GetProperty("nodeId").GetString() == nodeId);
    }

    /// <summary>Looks until a member of an own node is as expected.</summary>
    public async Task SeesAsync(string nodeId, string member, string value, CancellationToken cancellationToken)
    {
        while ((await NodeAsync(nodeId, cancellationToken)).GetProperty(member).GetString() != value)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    [GeneratedRegex("code=([A-Za-z0-9_-]{43})")]
    private static partial Regex Code();
}
