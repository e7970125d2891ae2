using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Mail;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Portal.Tests.Composition;

/// <summary>A portal on a real port, with a clock that tests move. Mails are read from its outbox.</summary>
internal sealed partial class PortalScene : IAsyncDisposable
{
    public const string Password = "brave otter harbour";
    private readonly TemporaryDirectory _directory = new();
    private readonly StoreKind _kind;
    private readonly Func<PortalSettings, PortalSettings>? _change;
    private string? _database;
    private PortalRole? _role;

    private PortalScene(StoreKind kind, Func<PortalSettings, PortalSettings>? change) => (_kind, _change) = (kind, change);

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000));

    public PortalRole Role => _role!;

    public Uri Url => Role.Url;

    public TemporaryDirectory Files => _directory;

    /// <summary>As an operator beyond loopback has it, but for the listener: nobody is told who has an account.</summary>
    public static PortalSettings Standard(PortalScene scene) => new()
    {
        Listener = ListenerSettings.Loopback(0),
        DataDirectory = scene._directory["portal"],
        DatabaseUrl = scene._database,
        Uniform = true,
        PasswordIterations = 10,
        AllowedOrigins = ["tauri://localhost"],
        Mail = MailSettings.ToFolder(scene._directory["mail"]),
    };

    public static async Task<PortalScene> StartAsync(StoreKind kind = StoreKind.Sqlite, Func<PortalSettings, PortalSettings>? change = null)
    {
        var scene = new PortalScene(kind, change);
        await scene.RestartAsync();
        return scene;
    }

    /// <summary>Ends the portal and starts another one over the same rows.</summary>
    public async Task RestartAsync()
    {
        if (_role is not null)
        {
            await _role.DisposeAsync();
        }

        _database ??= _kind == StoreKind.Sqlite ? null : await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync();
        var settings = Standard(this);
        _role = await PortalRole.StartAsync(_change?.Invoke(settings) ?? settings, Time, TestContext.Current.CancellationToken);

        // Mails stay in the outbox, where tests read them; the sender has tests of its own.
        await _role.Services.GetRequiredService<MailSender>().StopAsync(TestContext.Current.CancellationToken);
    }

    public Browser Browse() => new(this);

    /// <summary>Sends as a program does: JSON, no cookie.</summary>
    public async Task<(int Status, JsonElement Body)> SendAsync(string method, string path, object? body = null, string? bearer = null, params (string Name, string Value)[] headers)
    {
        // So that rows come one after the other in time, as in life.
        Time.Advance(TimeSpan.FromMilliseconds(1));
        using var handler = new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8 };
        using var http = new HttpClient(handler);
        using var request = new HttpRequestMessage(new(method), new Uri(Url, path)) { Content = body is null ? null : JsonContent.Create(body) };
        if (bearer is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + bearer);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, text.StartsWith('{') ? JsonElement.Parse(text) : default);
    }

    /// <summary>Signs somebody up and confirms the address; gives the key of a session.</summary>
    public async Task<string> PersonAsync(string email, string password = Password)
    {
        Assert.Equal(200, (await SendAsync("POST", "/auth/signup", new { email, password })).Status);
        Assert.Equal(200, (await SendAsync("POST", "/auth/verify-email", new { token = await TokenAsync(email) })).Status);
        return await LoginAsync(email, password);
    }

    public async Task<string> LoginAsync(string email, string password = Password)
    {
        var (status, body) = await SendAsync("POST", "/auth/login", new { email, password });
        Assert.Equal(200, status);
        return body.GetProperty("sessionToken").GetString()!;
    }

    /// <summary>The first administrator, over the console's link.</summary>
    public async Task<string> AdministratorAsync(string email = "root@example.org")
    {
        var link = await Role.FirstAdministratorLinkAsync(TestContext.Current.CancellationToken);
        Assert.Equal(200, (await SendAsync("POST", "/setup", new { code = Secret(link!.AbsoluteUri), email, password = Password })).Status);
        return await LoginAsync(email);
    }

    /// <summary>Mails to an address, oldest first, as they were queued.</summary>
    public async Task<List<OutboxMailRow>> MailsAsync(string recipient)
    {
        await using var context = await Role.Services.GetRequiredService<IDbContextFactory<PortalContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        return await context.Set<OutboxMailRow>().Where(row => row.Recipient == recipient).OrderBy(row => row.CreatedAtMs).ThenBy(row => row.Id).ToListAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Token of the newest mail to an address.</summary>
    public async Task<string> TokenAsync(string recipient) => Secret((await MailsAsync(recipient))[^1].Text);

    public async Task<T> ReadAsync<T>(Func<PortalContext, Task<T>> read)
    {
        await using var context = await Role.Services.GetRequiredService<IDbContextFactory<PortalContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        return await read(context);
    }

    public static string Secret(string text) => Secrets().Match(text).Groups[1].Value;

    public async ValueTask DisposeAsync()
    {
        await Role.DisposeAsync();
        _directory.Dispose();
    }

    [GeneratedRegex("(?:token|code)=([A-Za-z0-9_-]{43})")]
    private static partial Regex Secrets();
}
