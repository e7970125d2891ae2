using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Benchmarks.Coordinator;

namespace EdgeCoder.Benchmarks.Portal;

/// <summary><c>edgecoder up</c> in a process of its own, without a worker and without limits of attempts, and its first administrator.</summary>
internal sealed class RunningPortal : IAsyncDisposable
{
    public const string Email = "ann@example.org";
    public const string Password = "brave otter harbour";

    private readonly Process _process;
    private readonly DirectoryInfo _directory;
    private readonly Task _rest;

    private RunningPortal(Process process, DirectoryInfo directory, HttpClient http, Task rest) => (_process, _directory, Http, _rest) = (process, directory, http, rest);

    /// <summary>The administrator's connection.</summary>
    public HttpClient Http { get; }

    public static async Task<RunningPortal> StartAsync(string program)
    {
        var directory = Directory.CreateTempSubdirectory("edgecoder-benchmark-");
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("up");
        start.ArgumentList.Add("--json");
        start.Environment["EDGECODER_DATA_DIR"] = directory.FullName;
        start.Environment["DISABLE_SELF_AGENT"] = "true";
        foreach (var name in new[] { "COORDINATOR_PORT", "INFERENCE_PORT", "IDE_PROVIDER_PORT", "PORTAL_PORT" })
        {
            start.Environment[name] = UpStart.FreePort();
        }

        foreach (var name in new[] { "LOGIN_ACCOUNT", "LOGIN_ADDRESS" })
        {
            start.Environment["RATE_LIMIT_" + name] = "0";
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var errors = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (JsonNode.Parse(line) is JsonObject told && (string?)told["type"] == "ready")
            {
                var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new($"http://127.0.0.1:{start.Environment["PORTAL_PORT"]}"), Timeout = Timeout.InfiniteTimeSpan };
                var code = ((string?)told["firstAdministrator"] ?? throw new InvalidOperationException("There is no link for the first administrator.")).Split("code=")[1];
                await PostAsync(http, "/setup", new { code, email = Email, password = Password });
                var session = (string?)(await PostAsync(http, "/auth/login", new { email = Email, password = Password }))["sessionToken"];
                http.DefaultRequestHeaders.Add("Authorization", "Bearer " + session);
                return new(process, directory, http, Task.WhenAll(errors, process.StandardOutput.ReadToEndAsync()));
            }
        }

        throw new InvalidOperationException("It ended before it was ready: " + await errors);
    }

    public static async Task<JsonObject> PostAsync(HttpClient http, string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text)!.AsObject() : throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {text}");
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        await _rest;
        _process.Dispose();
        _directory.Delete(recursive: true);
    }
}
